(root, data, { make, shape, press }) => {
  // The same arithmetic as dlcore.kernels.roofline.place, for every kernel at once.
  const W = 480, H = 300, LEFT = 56, RIGHT = 12, TOP = 14, BOTTOM = 46;
  const names = Object.keys(data.kernels);
  let gpu = data.first, now = names[0];
  const place = (roof, kernel) => {
    const product = kernel.flops > 0, operations = kernel.flops || kernel.other;
    const intensity = operations / kernel.bytes;
    const attainable = Math.min(roof.bandwidth * intensity, product ? roof.products : roof.float32);
    const seconds = Math.max(kernel.bytes / roof.bandwidth, operations ? operations / attainable : 0);
    const bound = attainable === roof.bandwidth * intensity ? 'memory' : 'arithmetic';
    return { intensity, product, attainable, seconds, bound };
  };

  const controls = make('div', root, { className: 'controls' });
  const label = make('label', controls, { textContent: 'GPU ' });
  const pick = make('select', label);
  pick.style.cssText = 'font:inherit;color:inherit;background:transparent;border:1px solid currentColor;border-radius:.3rem;padding:.15rem;min-width:0';
  pick.setAttribute('aria-label', 'GPU');
  for (const name of Object.keys(data.gpus)) make('option', pick, { textContent: name, value: name }).style.cssText = 'color:black;background:white';
  pick.value = gpu;
  pick.addEventListener('change', () => { gpu = pick.value; draw(); });
  const svg = shape('svg', root, { viewBox: `0 0 ${W} ${H}`, 'aria-hidden': 'true' });
  svg.style.cssText = 'display:block;overflow:visible';
  const row = make('div', root, { className: 'controls' });
  row.setAttribute('role', 'group');
  row.setAttribute('aria-label', 'kernel');
  const buttons = names.map(name => make('button', row, { type: 'button', textContent: name, onclick: () => { now = name; draw(); } }));
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  const source = make('p', root);
  source.style.cssText = 'margin:.2rem 0 0;font-size:.85em;opacity:.85';

  const roofs = Object.values(data.gpus);
  const floor = 10 ** Math.floor(Math.log10(Math.min(...roofs.map(r => r.bandwidth)) * data.span[0]));
  const height = 10 ** Math.ceil(Math.log10(Math.max(...roofs.map(r => r.products))));
  const X = v => LEFT + (Math.log(v / data.span[0]) / Math.log(data.span[1] / data.span[0])) * (W - LEFT - RIGHT);
  const Y = v => H - BOTTOM - (Math.log(v / floor) / Math.log(height / floor)) * (H - TOP - BOTTOM);
  const unit = (v, word) => {
    const [size, prefix] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, '']].find(([s]) => v >= s) ?? [1, ''];
    return `${+(v / size).toPrecision(3)} ${prefix}${word}`;
  };
  const brief = s => s >= 1e-3 ? `${+(1e3 * s).toPrecision(3)} ms` : s >= 1e-6 ? `${+(1e6 * s).toPrecision(3)} µs` : `${+(1e9 * s).toPrecision(3)} ns`;
  const axes = () => {
    shape('path', svg, { d: `M${LEFT} ${TOP}V${H - BOTTOM}H${W - RIGHT}`, fill: 'none', stroke: 'currentColor' });
    for (let v = data.span[0]; v <= data.span[1]; v *= 16) {
      shape('path', svg, { d: `M${X(v)} ${H - BOTTOM}v5`, stroke: 'currentColor' });
      shape('text', svg, { x: X(v), y: H - BOTTOM + 20, 'text-anchor': 'middle', 'font-size': 14 }, v < 1 ? `1/${1 / v}` : v);
    }
    for (let v = floor; v <= height * 1.001; v *= 100) {
      shape('path', svg, { d: `M${LEFT} ${Y(v)}h-5`, stroke: 'currentColor' });
      shape('text', svg, { x: LEFT - 9, y: Y(v) + 5, 'text-anchor': 'end', 'font-size': 14 }, unit(v, ''));
    }
    shape('text', svg, { x: (LEFT + W) / 2, y: H - 6, 'text-anchor': 'middle', 'font-size': 14 }, 'operations a byte');
    shape('text', svg, { x: LEFT + 6, y: TOP + 6, 'font-size': 14 }, 'operations a second');
  };
  const line = (roof, kind, colour, dash) => {
    const ridge = roof[kind] / roof.bandwidth;
    const d = `M${X(data.span[0])} ${Y(roof.bandwidth * data.span[0])}L${X(ridge)} ${Y(roof[kind])}H${X(data.span[1])}`;
    shape('path', svg, { d, fill: 'none', stroke: colour, 'stroke-width': 2.5, 'stroke-dasharray': dash });
    const name = kind === 'products' ? '16-bit products' : 'float32';
    shape('text', svg, { x: W - RIGHT, y: Y(roof[kind]) - 10, 'text-anchor': 'end', 'font-size': 14 }, `${name}, ${unit(roof[kind], 'FLOP/s')}`);
  };
  const draw = () => {
    const roof = data.gpus[gpu];
    svg.replaceChildren();
    axes();
    line(roof, 'products', 'var(--dl-blue, #0072b2)', '');
    line(roof, 'float32', '#E69F00', '7 4');
    const rows = names.map(name => ({ name, ...place(roof, data.kernels[name]) }));
    for (const one of rows) {
      const chosen = one.name === now;
      const dot = shape('circle', svg, { cx: X(one.intensity), cy: Y(one.attainable), r: chosen ? 8 : 5, stroke: 'currentColor', fill: chosen ? '#D55E00' : 'var(--dl-green, #009e73)' });
      dot.style.cursor = 'pointer';
      dot.addEventListener('pointerenter', () => { if (now !== one.name) { now = one.name; draw(); } });
      shape('title', dot, {}, one.name);
    }
    const one = rows.find(r => r.name === now);
    shape('path', svg, { d: `M${X(one.intensity)} ${Y(one.attainable)}V${H - BOTTOM}`, stroke: 'currentColor', 'stroke-dasharray': '2 4' });
    buttons.forEach(button => press(button, button.textContent === now));
    readout.textContent = `${now}: ${+one.intensity.toPrecision(3)} operations a byte, at best ${unit(one.attainable, 'FLOP/s')},`
      + ` at least ${brief(one.seconds)}; it waits for ${one.bound}`;
    source.textContent = `${gpu}: ${unit(roof.bandwidth, 'B/s')}. Source: ${roof.source}.`;
    root.state = { gpu, kernel: now, rows };
  };
  draw();
}
