(root, data, { make, shape }) => {
  // The pairs of dlcore.scratch.activations: each function with its derivative.
  const REACH = 6, FLAT = data.flat, TIMES = 10;
  const sigmoid = z => 0.5 * (1 + Math.tanh(0.5 * z));
  const softplus = z => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  const C = Math.sqrt(2 / Math.PI), u = z => Math.tanh(C * (z + 0.044715 * z * z * z));
  const gate = z => Math.tanh(softplus(z));
  const PAIRS = {
    step: [z => z > 0 ? 1 : 0, z => 0],
    sigmoid: [sigmoid, z => sigmoid(z) * (1 - sigmoid(z))],
    tanh: [Math.tanh, z => 1 - Math.tanh(z) ** 2],
    relu: [z => Math.max(z, 0), z => z > 0 ? 1 : 0],
    leaky_relu: [z => Math.max(z, 0.01 * z), z => z > 0 ? 1 : 0.01],
    elu: [z => z > 0 ? z : Math.expm1(z), z => z > 0 ? 1 : Math.exp(z)],
    softplus: [softplus, sigmoid],
    gelu: [z => 0.5 * z * (1 + u(z)),
      z => 0.5 * (1 + u(z) + z * (1 - u(z) ** 2) * C * (1 + 3 * 0.044715 * z * z))],
    swish: [z => z * sigmoid(z), z => sigmoid(z) * (1 + z * (1 - sigmoid(z)))],
    mish: [z => z * gate(z), z => gate(z) + z * (1 - gate(z) ** 2) * sigmoid(z)],
  };
  const NAMES = Object.keys(PAIRS), WORDS = name => name.replace('_', ' ');

  let name = data.start;
  const row = make('div', root, { className: 'controls' });
  row.setAttribute('role', 'group'); row.setAttribute('aria-label', 'activation');
  row.style.gap = '.4rem';
  const buttons = NAMES.map(other => make('button', row, {
    type: 'button', textContent: WORDS(other), onclick: () => { name = other; draw(); },
  }));
  const svg = shape('svg', root, { viewBox: '0 0 410 240', role: 'img' });
  svg.style.cssText = 'overflow:hidden;display:block;max-width:32rem;margin:0 auto';
  const X = z => 212 + 31 * z, Y = v => 178 - 36 * Math.max(-9, Math.min(9, v));
  const shade = shape('g', svg, { fill: '#E69F00', 'fill-opacity': 0.22 });
  for (let v = -1; v <= 4; v++) {
    shape('path', svg, { d: `M26 ${Y(v)}H398`, stroke: 'currentColor', 'stroke-opacity': v ? 0.15 : 0.6 });
    shape('text', svg, { x: 22, y: Y(v) + 4, 'text-anchor': 'end', 'font-size': 13 }, String(v));
  }
  shape('path', svg, { d: 'M212 6V220', stroke: 'currentColor', 'stroke-opacity': 0.6 });
  for (let z = -6; z <= 6; z += 2) shape('text', svg, { x: X(z), y: 236, 'text-anchor': 'middle', 'font-size': 13 }, String(z));
  const slope = shape('path', svg, { fill: 'none', stroke: '#D55E00', 'stroke-width': 2.2, 'stroke-dasharray': '7 4' });
  const graph = shape('path', svg, { fill: 'none', stroke: 'var(--dl-blue, #0072b2)', 'stroke-width': 2.6 });
  const tangent = shape('path', svg, { stroke: 'currentColor', 'stroke-width': 1.2 });
  const dots = [['var(--dl-blue, #0072b2)'], ['#D55E00']].map(([fill]) => shape('circle', svg, { r: 5, fill }));
  shape('path', svg, { d: 'M34 20h24', stroke: 'var(--dl-blue, #0072b2)', 'stroke-width': 2.6 });
  shape('text', svg, { x: 63, y: 24, 'font-size': 13 }, 'the function');
  shape('path', svg, { d: 'M34 39h24', stroke: '#D55E00', 'stroke-width': 2.2, 'stroke-dasharray': '7 4' });
  shape('text', svg, { x: 63, y: 43, 'font-size': 13 }, 'its slope');
  shape('rect', svg, { x: 34, y: 51, width: 24, height: 12, fill: '#E69F00', 'fill-opacity': 0.35 });
  shape('text', svg, { x: 63, y: 62, 'font-size': 13 }, `nearly flat: |slope| < ${FLAT}`);
  const controls = make('div', root, { className: 'controls' }), label = make('label', controls);
  make('span', label, { textContent: 'z' });
  const slider = make('input', label, { type: 'range', min: -REACH, max: REACH, step: 0.05, value: 2 });
  slider.setAttribute('aria-label', 'z');
  const number = make('span', label, { className: 'number' });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  const path = f => {
    let d = '', before = null;
    for (let k = 0; k <= 600; k++) {
      const z = -REACH + 2 * REACH * k / 600, v = f(z);
      d += `${before === null || Math.abs(v - before) > 0.5 ? 'M' : 'L'}${X(z).toFixed(1)} ${Y(v).toFixed(1)}`;
      before = v;
    }
    return d;
  };
  const draw = () => {
    const [f, df] = PAIRS[name], z = +slider.value, y = f(z), d = df(z);
    buttons.forEach((button, k) => {
      button.setAttribute('aria-pressed', NAMES[k] === name);
      button.style.background = NAMES[k] === name ? 'color-mix(in srgb, currentColor 20%, transparent)' : 'transparent';
    });
    graph.setAttribute('d', path(f)); slope.setAttribute('d', path(df));
    shade.replaceChildren();
    for (let k = 0; k < 120; k++) {
      const at = -REACH + (k + 0.5) / 10;
      if (Math.abs(df(at)) < FLAT) shape('rect', shade, { x: X(at) - 1.55, y: 6, width: 3.15, height: 214 });
    }
    tangent.setAttribute('d', `M${X(z - 1.2)} ${Y(y - 1.2 * d)}L${X(z + 1.2)} ${Y(y + 1.2 * d)}`);
    dots[0].setAttribute('cx', X(z)); dots[0].setAttribute('cy', Y(y));
    dots[1].setAttribute('cx', X(z)); dots[1].setAttribute('cy', Y(d));
    number.textContent = z.toFixed(2);
    const through = d ** TIMES, small = through !== 0 && (Math.abs(through) < 0.001 || Math.abs(through) >= 1000);
    readout.textContent = `${WORDS(name)}: value ${y.toFixed(4)}, slope ${d.toFixed(4)}; `
      + `ten such slopes multiplied: ${small ? through.toExponential(1).replace('-', '−') : through.toFixed(4)}`;
    svg.setAttribute('aria-label', `${WORDS(name)} and its slope from −6 to 6. At z = ${z.toFixed(2)} the value is `
      + `${y.toFixed(3)} and the slope ${d.toFixed(3)}${Math.abs(d) < FLAT ? ', which is nearly flat' : ''}.`);
    root.state = { name, z, value: y, slope: d, through, flat: Math.abs(d) < FLAT };
  };
  slider.addEventListener('input', draw);
  draw();
}
