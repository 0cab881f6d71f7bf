(root, data, { make, shape }) => {
  // Two inputs, two hidden sigmoids, one output: the same arithmetic as dlcore.scratch.mlp.
  const BLUE = 'var(--dl-blue, #0072b2)', RED = 'color-mix(in srgb, #D55E00 75%, currentColor)';
  const PAPER = 'var(--pst-color-background, var(--jp-layout-color0, white))';
  const sigmoid = z => 0.5 * (1 + Math.tanh(0.5 * z));
  const forward = ({ x, w, t }) => {
    const z = [w[2] * x[0] + w[3] * x[1], w[4] * x[0] + w[5] * x[1]], h = z.map(sigmoid);
    const out = w[0] * h[0] + w[1] * h[1], y = sigmoid(out);
    return { z, h, out, y, E: (y - t) ** 2 / 2 };
  };
  const backward = ({ x, w, t }, { h, y }, carried = w) => {
    const delta = (y - t) * y * (1 - y), dh = [carried[0] * delta, carried[1] * delta];
    const deltas = dh.map((d, j) => d * h[j] * (1 - h[j]));
    const grads = [delta * h[0], delta * h[1], deltas[0] * x[0], deltas[0] * x[1], deltas[1] * x[0], deltas[1] * x[1]];
    return { delta, dh, deltas, grads };
  };
  const measured = (net, i, step = 1e-5) => {
    const at = s => forward({ ...net, w: net.w.map((v, k) => k === i ? v + s : v) }).E;
    return (at(step) - at(-step)) / (2 * step);
  };
  const NAMES = ['w₁', 'w₂', 'w₃', 'w₄', 'w₅', 'w₆'];
  const f = v => Number.isFinite(v) ? v.toFixed(Math.abs(v) < 100 ? 3 : 0).replace('-', '−') : '∞';
  const g = v => (v === 0 ? '0' : Math.abs(v) < 1e-4 ? v.toExponential(1) : v.toPrecision(3)).replace(/-/g, '−');

  const svg = shape('svg', root, { viewBox: '0 0 400 474', role: 'img' });
  svg.style.cssText = 'display:block;max-width:27rem;margin:0 auto';
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  readout.style.cssText = 'min-height:4.6em;white-space:pre-line';
  const buttons = make('div', root, { className: 'controls' });
  const button = (textContent, onclick) => make('button', buttons, { type: 'button', textContent, onclick });
  const number = (parent, label, step) => {
    const input = make('input', parent, { type: 'number', step });
    input.setAttribute('aria-label', label);
    input.style.cssText = 'font:inherit;color:inherit;background:transparent;border:1px solid currentColor;'
      + 'border-radius:.3rem;width:100%;min-width:4.2rem;max-width:6.5rem;padding:0 .2rem;box-sizing:border-box';
    return input;
  };
  const fields = make('div', root, { className: 'controls' });
  const field = (text, step) => {
    const label = make('label', fields, { textContent: `${text} ` });
    label.style.cssText = 'flex:1 1 7.5rem;white-space:nowrap';
    return number(label, text, step);
  };
  const scalars = [field('input A', 0.05), field('input B', 0.05), field('target', 0.05), field('rate', 0.1)];
  const table = make('table', root);
  table.style.cssText = 'width:100%;font-variant-numeric:tabular-nums;border-collapse:collapse;color:inherit;background:none';
  const head = make('tr', make('thead', table));
  for (const textContent of ['weight', 'value', '∂E/∂w', 'measured']) {
    make('th', head, { textContent, scope: 'col' }).style.cssText = 'text-align:right;padding:.1rem .3rem';
  }
  const body = make('tbody', table);
  const rows = NAMES.map(name => {
    const row = make('tr', body), cell = tag => {
      const made = make(tag, row);
      made.style.cssText = 'text-align:right;padding:.1rem .3rem;color:inherit;background:none';
      return made;
    };
    cell('th').textContent = name;
    return { input: number(cell('td'), `weight ${name}`, 0.1), grad: cell('td'), slope: cell('td') };
  });
  const wrong = make('div', root, { className: 'controls' });
  const label = make('label', wrong);
  const early = make('input', label, { type: 'checkbox' });
  make('span', label, { textContent: 'a common mistake: carry the error back through the new w₁, w₂' });

  let net, stage, errors, timer = null;
  const clone = () => ({ x: [...data.x], w: [...data.w], t: data.target, rate: data.rate });
  // What each step shows: which part lights up, and the line that explains it.
  const stages = ({ x, w, t }, a, b) => [
    ['x', `The inputs: A = ${f(x[0])}, B = ${f(x[1])}. Press “step”.`],
    ['z', `z₁ = w₃A + w₄B = ${f(w[2])} · ${f(x[0])} + ${f(w[3])} · ${f(x[1])} = ${f(a.z[0])}\n`
      + `z₂ = w₅A + w₆B = ${f(w[4])} · ${f(x[0])} + ${f(w[5])} · ${f(x[1])} = ${f(a.z[1])}`],
    ['h', `h₁ = σ(z₁) = ${f(a.h[0])}\nh₂ = σ(z₂) = ${f(a.h[1])}`],
    ['out', `z = w₁h₁ + w₂h₂ = ${f(w[0])} · ${f(a.h[0])} + ${f(w[1])} · ${f(a.h[1])} = ${f(a.out)}`],
    ['y', `y = σ(z) = ${f(a.y)}`],
    ['E', `E = ½ (y − t)² = ½ (${f(a.y)} − ${f(t)})² = ${g(a.E)}. Now backward.`],
    ['delta', `δ = (y − t) · y (1 − y) = ${f(a.y - t)} · ${f(a.y * (1 - a.y))} = ${g(b.delta)}`],
    ['dout', `∂E/∂w₁ = δ h₁ = ${g(b.delta)} · ${f(a.h[0])} = ${g(b.grads[0])}\n`
      + `∂E/∂w₂ = δ h₂ = ${g(b.delta)} · ${f(a.h[1])} = ${g(b.grads[1])}`],
    ['dh', `∂E/∂h₁ = δ w₁ = ${g(b.delta)} · ${f(w[0])} = ${g(b.dh[0])}\n`
      + `∂E/∂h₂ = δ w₂ = ${g(b.delta)} · ${f(w[1])} = ${g(b.dh[1])}`],
    ['deltas', `δ₁ = ∂E/∂h₁ · h₁ (1 − h₁) = ${g(b.dh[0])} · ${f(a.h[0] * (1 - a.h[0]))} = ${g(b.deltas[0])}\n`
      + `δ₂ = ∂E/∂h₂ · h₂ (1 − h₂) = ${g(b.dh[1])} · ${f(a.h[1] * (1 - a.h[1]))} = ${g(b.deltas[1])}`],
    ['dhidden', `∂E/∂w₃ = δ₁A = ${g(b.grads[2])}, ∂E/∂w₄ = δ₁B = ${g(b.grads[3])}\n`
      + `∂E/∂w₅ = δ₂A = ${g(b.grads[4])}, ∂E/∂w₆ = δ₂B = ${g(b.grads[5])}\nNow “update”.`],
  ];
  const LAST = 10;

  const text = (x, y, value, set = {}) => {
    const node = shape('text', svg, { x, y, 'text-anchor': 'middle', 'font-size': 15, ...set });
    if (set.fill) node.style.fill = set.fill; // figure.css sets the colour of text in a rule
    node.textContent = value;
  };
  const drawNet = (a, b, now) => {
    const at = { A: [80, 420], B: [320, 420], h1: [80, 252], h2: [320, 252], y: [200, 86] };
    const edges = [['h1', 'y', 0.42, -42], ['h2', 'y', 0.42, 42], ['A', 'h1', 0.5, -37], ['B', 'h1', 0.335, 0], ['A', 'h2', 0.335, 0], ['B', 'h2', 0.5, 37]];
    const lit = { z: [2, 3, 4, 5], out: [0, 1], dout: [0, 1], dh: [0, 1], dhidden: [2, 3, 4, 5] }[now] ?? [];
    const paint = stage > 5 ? RED : BLUE;
    svg.replaceChildren();
    svg.setAttribute('aria-label', `A network of two inputs, two hidden neurons and one output. ${readout.textContent}`);
    const line = i => {
      const [from, to] = edges[i].map(k => at[k]), on = lit.includes(i);
      shape('path', svg, { d: `M${from}L${to}`, stroke: on ? paint : 'currentColor', opacity: on ? 1 : 0.45, 'stroke-width': on ? 3.5 : 1.5 });
    };
    edges.forEach((_, i) => line(i));
    edges.forEach(([from, to, along, aside], i) => {
      const [p, q] = [at[from], at[to]], x = p[0] + along * (q[0] - p[0]) + aside, y = p[1] + along * (q[1] - p[1]);
      const known = stage >= (i < 2 ? 7 : LAST);
      if (!aside) shape('rect', svg, { x: x - 37, y: y - 16, width: 74, height: known ? 36 : 18, fill: PAPER });
      text(x, y - 2, `${NAMES[i]} ${f(net.w[i])}`);
      if (known) text(x, y + 15, g(b.grads[i]), { fill: RED });
    });
    const node = (key, names, on, radius = 44) => {
      const [x, y] = at[key];
      shape('circle', svg, { cx: x, cy: y, r: radius, fill: PAPER, stroke: on ? paint : 'currentColor', 'stroke-width': on ? 3.5 : 1.5 });
      const seen = names.filter(n => n);
      seen.forEach(([value, fill], i) => text(x, y + 5 + 18 * (i - (seen.length - 1) / 2), value, fill ? { fill } : {}));
    };
    node('A', [['A'], [f(net.x[0])]], now === 'x', 32);
    node('B', [['B'], [f(net.x[1])]], now === 'x', 32);
    for (const j of [0, 1]) node(`h${j + 1}`, [
      stage < 1 && [`neuron ${j + 1}`], stage >= 1 && [`z ${f(a.z[j])}`], stage >= 2 && [`h ${f(a.h[j])}`],
      stage >= 9 ? [`δ ${g(b.deltas[j])}`, RED] : stage === 8 && [g(b.dh[j]), RED],
    ], ['z', 'h', 'dh', 'deltas'].includes(now));
    node('y', [
      stage < 3 && ['output'], stage >= 3 && [`z ${f(a.out)}`], stage >= 4 && [`y ${f(a.y)}`], stage >= 6 && [`δ ${g(b.delta)}`, RED],
    ], ['out', 'y', 'delta'].includes(now));
    text(200, 24, stage >= 5 ? `target ${f(net.t)}, E ${g(a.E)}` : `target ${f(net.t)}`, now === 'E' ? { fill: BLUE, 'font-weight': 'bold' } : {});
  };
  const draw = () => {
    const a = forward(net), b = backward(net, a), steps = stages(net, a, b), slopes = net.w.map((_, i) => measured(net, i));
    const past = errors.length ? `Pass ${errors.length + 1}; E before it: ${errors.slice(-4).map(v => v.toFixed(6)).join(', ')}.\n` : 'Pass 1.\n';
    readout.textContent = past + steps[stage][1];
    drawNet(a, b, steps[stage][0]);
    rows.forEach(({ input, grad, slope }, i) => {
      if (document.activeElement !== input) input.value = +net.w[i].toFixed(7);
      const known = stage >= (i < 2 ? 7 : LAST);
      grad.textContent = known ? g(b.grads[i]) : '·';
      slope.textContent = known ? g(slopes[i]) : '·';
    });
    [net.x[0], net.x[1], net.t, net.rate].forEach((v, i) => { if (document.activeElement !== scalars[i]) scalars[i].value = v; });
    back.disabled = stage === 0; step.disabled = stage === LAST;
    root.state = { ...net, ...a, ...b, measured: slopes, stage, errors, early: early.checked };
  };
  const update = () => {
    const a = forward(net), { grads } = backward(net, a);
    const moved = net.w.map((v, i) => v - net.rate * grads[i]);
    const used = early.checked ? [...grads.slice(0, 2), ...backward(net, a, moved).grads.slice(2)] : grads;
    net = { ...net, w: net.w.map((v, i) => v - net.rate * used[i]) };
    errors = [...errors, a.E]; stage = 0;
  };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = 'play'; };
  const act = change => () => { stop(); change(); draw(); };
  const step = button('step', act(() => { stage = Math.min(LAST, stage + 1); }));
  const back = button('back', act(() => { stage = Math.max(0, stage - 1); }));
  const play = button('play', () => {
    if (timer) return stop();
    if (stage === LAST) stage = 0;
    play.textContent = 'pause';
    timer = setInterval(() => { stage++; draw(); if (stage === LAST) stop(); }, 1500);
    draw();
  });
  button('whole pass', act(() => { stage = LAST; }));
  button('update', act(update));
  button('100 updates', act(() => { for (let i = 0; i < 100; i++) update(); }));
  button('start again', act(() => { net = clone(); stage = 0; errors = []; early.checked = false; }));
  const edit = (input, change) => {
    input.addEventListener('input', () => {
      const v = input.valueAsNumber;
      if (Number.isFinite(v) && Math.abs(v) <= 100) { stop(); change(v); errors = []; draw(); }
    });
    input.addEventListener('blur', draw);
  };
  scalars.forEach((input, i) => edit(input, v => {
    if (i < 2) net.x[i] = v; else if (i === 2) net.t = v; else net.rate = v;
  }));
  rows.forEach(({ input }, i) => edit(input, v => { net.w[i] = v; }));
  early.addEventListener('change', draw);
  net = clone(); stage = 0; errors = [];
  draw();
}
