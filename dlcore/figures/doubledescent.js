(root, data, { make, shape }) => {
  // Shortest least squares and ridge on random features, as dlcore.figures.regularization.descent does it.
  const { n, most, underlying } = data, M = 101;
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#D98200', GREEN = 'var(--dl-green, #009e73)';
  // Mulberry32: number k of the seed, uniform with mean 0 and variance 1.
  const draws = (seed, from, count) => Float64Array.from({ length: count }, (_, i) => {
    const c = Math.imul(seed, 0x9E3779B9) + Math.imul(from + i + 1, 0x6D2B79F5);
    let t = Math.imul(c ^ c >>> 15, c | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return Math.sqrt(3) * (2 * (((t ^ t >>> 14) >>> 0) / 2 ** 32) - 1);
  });
  const dot = (a, b) => { let sum = 0; for (let i = 0; i < a.length; i++) sum += a[i] * b[i]; return sum; };
  const wave = u => Math.sin(7 * u) * (1.2 - u);
  const cosines = u => Float64Array.from({ length: underlying }, (_, k) => k ? Math.SQRT2 * Math.cos(Math.PI * u * k) / Math.sqrt(k) : 1);
  const grid = Array.from({ length: M }, (_, i) => i / (M - 1)), goal = grid.map(wave);
  const jacobi = columns => { // turns columns until all are perpendicular; returns the turns, too
    const k = columns.length, turns = columns.map((_, j) => Float64Array.from({ length: k }, (_, i) => +(i === j)));
    const rotate = (a, b, c, s) => { for (let i = 0; i < a.length; i++) { const v = a[i]; a[i] = c * v - s * b[i]; b[i] = s * v + c * b[i]; } };
    for (let sweep = 0, moved = true; moved && sweep < 40; sweep++) {
      moved = false;
      for (let p = 0; p < k; p++) for (let q = p + 1; q < k; q++) {
        const a = dot(columns[p], columns[p]), b = dot(columns[q], columns[q]), both = dot(columns[p], columns[q]);
        if (Math.abs(both) <= 1e-15 * Math.sqrt(a * b)) continue;
        moved = true;
        const z = (b - a) / (2 * both), t = (z < 0 ? -1 : 1) / (Math.abs(z) + Math.sqrt(1 + z * z)), c = 1 / Math.sqrt(1 + t * t);
        rotate(columns[p], columns[q], c, c * t); rotate(turns[p], turns[q], c, c * t);
      }
    }
    return turns;
  };
  let { p, noise, seed } = data, ridge = 0, u, target, luck, models;
  const prepare = () => { // for each p: singular values, left vectors, and the right ones seen on the grid
    u = [...draws(seed, 0, n)].map((v, i) => (i + 0.5 + 0.29 * v) / n);
    target = u.map(wave); luck = draws(seed, data.first, n);
    const g = draws(seed, 1000, most * underlying);
    const mix = x => { const c = cosines(x); return Float64Array.from({ length: most }, (_, j) => dot(c, g.subarray(j * underlying, (j + 1) * underlying))); };
    const own = u.map(mix), along = grid.map(mix);
    models = Array.from({ length: most }, (_, i) => {
      const k = i + 1, scale = 1 / Math.sqrt(k), wide = k > n;
      const columns = wide ? own.map(x => x.slice(0, k).map(v => v * scale))
        : Array.from({ length: k }, (_, j) => Float64Array.from(own, x => x[j] * scale));
      const turns = jacobi(columns), s = columns.map(c => Math.sqrt(dot(c, c)));
      const unit = columns.map((c, r) => c.map(v => v / s[r]));
      const left = wide ? turns : unit, right = wide ? unit : turns;
      return { s, left, seen: right.map(v => Float64Array.from(along, x => dot(v, x.subarray(0, k)) * scale)) };
    });
  };
  const errors = ({ s, left, seen }) => {
    const keep = s.map(v => v * v / (v * v + ridge)), clean = left.map(v => dot(v, target));
    let bias = 0, variance = 0, off = 0;
    for (let i = 0; i < M; i++) {
      let value = 0, square = 0;
      for (let r = 0; r < s.length; r++) { const f = seen[r][i] * keep[r] / s[r]; value += f * clean[r]; square += f * f; }
      bias += (value - goal[i]) ** 2 / M; variance += square / M;
    }
    const rest = target.map((f, i) => f - clean.reduce((sum, c, r) => sum + c * left[r][i], 0));
    off = dot(rest, rest) + clean.reduce((sum, c, r) => sum + ((1 - keep[r]) * c) ** 2, 0);
    const lost = keep.reduce((sum, k) => sum + (1 - k) ** 2, 0) + n - s.length;
    return { bias, variance: noise * noise * variance, training: (off + noise * noise * lost) / n };
  };

  const slider = (parent, text, min, max, step, value, shown, change) => {
    const label = make('label', parent);
    make('span', label, { textContent: text }).style.whiteSpace = 'nowrap';
    const input = make('input', label, { type: 'range', min, max, step, value });
    const number = make('span', label, { className: 'number' });
    input.setAttribute('aria-label', text);
    const tell = v => { number.textContent = shown(v); input.setAttribute('aria-valuetext', shown(v)); };
    input.addEventListener('input', () => { tell(+input.value); change(+input.value); draw(); });
    tell(value);
    return v => { input.value = v; tell(v); };
  };
  const controls = make('div', root, { className: 'controls' });
  const showP = slider(controls, 'features p', 1, most, 1, p, String, v => { p = v; });
  slider(controls, 'noise', 0, 0.5, 0.05, noise, v => v.toFixed(2), v => { noise = v; });
  const penalty = v => v === -7 ? 0 : 10 ** v;
  slider(controls, 'ridge', -7, 1, 0.5, -7, v => v === -7 ? 'none' : (10 ** v).toPrecision(1), v => { ridge = penalty(v); });
  const buttons = make('div', root, { className: 'controls' });
  for (const [name, value] of [['p = 8', 8], [`p = n = ${n}`, n], [`p = ${most}`, most]]) {
    make('button', buttons, { type: 'button', textContent: name, onclick: () => { p = value; showP(value); draw(); } });
  }
  make('button', buttons, { type: 'button', textContent: 'other points and features', onclick: () => { seed = (seed + 1) % 100; prepare(); draw(); } });
  const panes = make('div', root);
  panes.style.cssText = 'display:flex;flex-wrap:wrap;gap:.6rem;justify-content:center';
  const W = 330, H = 240;
  const pane = title => {
    const box = make('div', panes);
    box.style.cssText = 'flex:1 1 15rem;max-width:24rem;text-align:center';
    make('div', box, { textContent: title });
    const svg = shape('svg', box, { viewBox: `0 0 ${W} ${H}`, role: 'img', 'font-size': 12 });
    svg.style.overflow = 'hidden';
    return svg;
  };
  const picture = pane('the curve'), chart = pane('error by number of features');
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  const short = v => v === 0 ? '0' : v < 1e-12 ? '0' : v >= 0.001 && v < 1000 ? v.toPrecision(3) : v.toExponential(1).replace('-', '−');

  const draw = () => {
    const { s, left, seen } = models[p - 1], y = target.map((f, i) => f + noise * luck[i]);
    const weights = s.map((v, r) => v / (v * v + ridge) * dot(left[r], y)), length = Math.sqrt(dot(weights, weights));
    const curve = grid.map((_, i) => weights.reduce((sum, c, r) => sum + c * seen[r][i], 0));
    const all = models.map(errors), now = all[p - 1], smallest = Math.min(...s);
    picture.replaceChildren(); chart.replaceChildren();
    const across = v => 8 + v * (W - 16), up = v => Math.max(-999, Math.min(999, (1.9 - v) / 3.8 * (H - 10) + 5));
    const line = values => values.map((v, i) => `${across(grid[i]).toFixed(1)},${up(v).toFixed(1)}`).join(' ');
    shape('polyline', picture, { points: line(goal), fill: 'none', stroke: GREEN, 'stroke-width': 2, 'stroke-dasharray': '6 4' });
    shape('polyline', picture, { points: line(curve), fill: 'none', stroke: 'currentColor', 'stroke-width': 2 });
    u.forEach((v, i) => shape('circle', picture, { cx: across(v), cy: up(y[i]), r: 4, fill: BLUE }));

    const LOW = -4, HIGH = 2, x = k => 46 + (k - 1) / (most - 1) * (W - 54);
    const high = e => 8 + (HIGH - Math.max(LOW, Math.min(HIGH, Math.log10(e)))) / (HIGH - LOW) * (H - 50);
    for (let k = LOW; k <= HIGH; k += 2) {
      shape('path', chart, { d: `M46 ${high(10 ** k)}H${W - 8}`, stroke: 'currentColor', opacity: 0.2 });
      shape('text', chart, { x: 42, y: high(10 ** k) + 4, 'text-anchor': 'end' }, String(+(10 ** k).toPrecision(1)));
    }
    for (const k of [1, n, 40, 80, most]) shape('text', chart, { x: x(k), y: H - 24, 'text-anchor': k === most ? 'end' : 'middle' }, k);
    shape('text', chart, { x: 186, y: H - 7, 'text-anchor': 'middle' }, 'features p');
    shape('path', chart, { d: `M${x(p)} 4V${H - 38}`, stroke: 'currentColor', 'stroke-dasharray': '4 4', opacity: 0.7 });
    const plot = (value, stroke, width, dash) => shape('polyline', chart, { fill: 'none', stroke, 'stroke-width': width, 'stroke-dasharray': dash,
      points: all.map((e, i) => `${x(i + 1).toFixed(1)},${high(value(e)).toFixed(1)}`).join(' ') });
    plot(e => e.training, BLUE, 2, '7 4'); plot(e => e.bias, GREEN, 1.4, '2 3'); plot(e => e.bias + e.variance, ORANGE, 2.4, '');
    [['new points', ORANGE, 1], ['training', BLUE, 16], ['bias²', GREEN, 31]].forEach(([name, colour, top]) => {
      shape('text', chart, { x: W - 8, y: top + 12, 'text-anchor': 'end', 'font-weight': 'bold' }, name).style.fill = colour;
    });
    picture.setAttribute('aria-label', `${n} noisy points (discs), the wave without noise (dashed) and the fit with ${p} features.`);
    chart.setAttribute('aria-label', `With ${p} features: error on new points ${short(now.bias + now.variance)}, of which bias² ${short(now.bias)}; training error ${short(now.training)}.`);
    readout.textContent = `p = ${p}: error on new points ${short(now.bias + now.variance)} = bias² ${short(now.bias)} + variance ${short(now.variance)} · `
      + `training ${short(now.training)} · smallest singular value ${short(smallest)} · length of w ${short(length)}`;
    root.state = { p, noise, ridge, seed, curve, length, singular: [...s].sort((a, b) => b - a),
      bias: all.map(e => e.bias), variance: all.map(e => e.variance), training: all.map(e => e.training) };
  };
  prepare(); draw();
}
