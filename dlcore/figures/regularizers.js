(root, data, { make, shape, press }) => {
  // Descent on cosine features under a regulariser, as dlcore.figures.regularization.trained does it.
  const { d, rate, steps } = data, n = data.train.length;
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#D98200', GREEN = 'var(--dl-green, #009e73)';
  const KINDS = { // name on the button, word at the slider, strengths from weak to strong
    none: ['nothing', '', [0]],
    l2: ['weight decay', 'strength α', [0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3, 1]],
    l1: ['L1', 'strength α', [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3]],
    dropout: ['dropout', 'share dropped', [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]],
    noise: ['noise on the inputs', 'deviation σ', [0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15]],
  };
  // Mulberry32: number k of the seed, uniform with mean 0 and variance 1.
  const draws = (seed, from, count) => Float64Array.from({ length: count }, (_, i) => {
    const c = Math.imul(seed, 0x9E3779B9) + Math.imul(from + i + 1, 0x6D2B79F5);
    let t = Math.imul(c ^ c >>> 15, c | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return Math.sqrt(3) * (2 * (((t ^ t >>> 14) >>> 0) / 2 ** 32) - 1);
  });
  const cosines = u => Float64Array.from({ length: d }, (_, k) => k ? Math.SQRT2 * Math.cos(Math.PI * u * k) / k : 1);
  const dot = (a, b) => { let sum = 0; for (let k = 0; k < d; k++) sum += a[k] * b[k]; return sum; };
  const own = data.train.map(([u]) => cosines(u)), other = data.validation.map(([u]) => cosines(u));
  const places = Array.from({ length: 121 }, (_, i) => i / 120), along = places.map(cosines);
  const mse = (w, features, pairs) => features.reduce((sum, x, i) => sum + (dot(x, w) - pairs[i][1]) ** 2, 0) / pairs.length;

  let kind = 'none', level = 4, index = 0, path, train, validation, best;
  const strength = () => KINDS[kind][2][Math.min(level, KINDS[kind][2].length - 1)];
  const seen = (step, amount) => { // the features that this step looks at
    if (kind === 'noise') {
      const shift = draws(2, step * n, n);
      return data.train.map(([u], i) => cosines(u + amount * shift[i]));
    }
    if (kind !== 'dropout') return own;
    const chance = draws(1, step * n * d, n * d), limit = Math.sqrt(3) * (1 - 2 * amount), keep = 1 - amount;
    return own.map((x, i) => x.map((v, k) => chance[i * d + k] < limit ? v / keep : 0));
  };
  const run = () => {
    const amount = strength();
    let w = new Float64Array(d);
    path = [w]; train = []; validation = [];
    for (let step = 0; step <= steps; step++) {
      train.push(mse(w, own, data.train)); validation.push(mse(w, other, data.validation));
      if (step === steps) break;
      const g = new Float64Array(d);
      seen(step, amount).forEach((x, i) => {
        const off = dot(x, w) - data.train[i][1];
        for (let k = 0; k < d; k++) g[k] += x[k] * off;
      });
      w = w.map((v, k) => v - rate * (g[k] / n + (kind === 'l2' ? amount * v : 0)));
      if (kind === 'l1') w = w.map(v => Math.sign(v) * Math.max(Math.abs(v) - rate * amount, 0));
      path.push(w);
    }
    best = validation.indexOf(Math.min(...validation));
  };
  // The slider of steps is logarithmic: 0, 1, 2, 3, … far apart at the end.
  const stops = [...new Set([0, ...Array.from({ length: 61 }, (_, i) => Math.round(10 ** (i * Math.log10(steps) / 60)))])];

  const row = name => {
    const box = make('div', root, { className: 'controls' });
    box.setAttribute('role', 'group'); box.setAttribute('aria-label', name);
    return box;
  };
  const slider = (parent, text, min, max, value, change) => {
    const label = make('label', parent), word = make('span', label, { textContent: text });
    word.style.whiteSpace = 'nowrap';
    const input = make('input', label, { type: 'range', min, max, step: 1, value });
    const number = make('span', label, { className: 'number' });
    input.setAttribute('aria-label', text);
    const tell = shown => { number.textContent = shown; input.setAttribute('aria-valuetext', shown); };
    input.addEventListener('input', () => { change(+input.value); draw(); });
    return { label, word, input, tell };
  };
  const kinds = row('regulariser');
  const buttons = Object.keys(KINDS).map(name => make('button', kinds, {
    type: 'button', textContent: KINDS[name][0], onclick: () => { kind = name; run(); draw(); },
  }));
  const settings = row('settings');
  const force = slider(settings, 'strength', 0, 8, level, v => { level = v; run(); });
  const clock = slider(settings, 'step', 0, stops.length - 1, stops.length - 1, v => { index = stops[v]; });
  index = steps;
  const go = step => { index = step; clock.input.value = stops.findIndex(s => s >= step); draw(); };
  const jumps = row('stops');
  make('button', jumps, { type: 'button', textContent: 'stop at the lowest validation error', onclick: () => go(best) });
  make('button', jumps, { type: 'button', textContent: 'train to the end', onclick: () => go(steps) });

  const panes = make('div', root);
  panes.style.cssText = 'display:flex;flex-wrap:wrap;gap:.6rem;justify-content:center';
  const W = 330, H = 240;
  const pane = title => {
    const box = make('div', panes);
    box.style.cssText = 'flex:1 1 15rem;max-width:24rem;text-align:center';
    make('div', box, { textContent: title });
    return shape('svg', box, { viewBox: `0 0 ${W} ${H}`, role: 'img', 'font-size': 12 });
  };
  const picture = pane('the curve'), chart = pane('mean squared error by step');
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  const draw = () => {
    const w = path[index], amount = strength();
    buttons.forEach((button, i) => press(button, Object.keys(KINDS)[i] === kind));
    force.label.style.visibility = kind === 'none' ? 'hidden' : '';
    force.word.textContent = KINDS[kind][1]; force.input.setAttribute('aria-label', 'strength'); force.tell(String(amount));
    clock.tell(String(index));

    picture.replaceChildren(); chart.replaceChildren();
    const left = u => 8 + u * (W - 16), up = y => (1.7 - y) / 3.4 * (H - 10) + 5;
    for (const [u, y] of data.validation) shape('path', picture, { d: `M${left(u) - 3} ${up(y) - 3}l6 6m0 -6l-6 6`, stroke: ORANGE, 'stroke-width': 1.5, opacity: 0.8 });
    for (const [u, y] of data.train) shape('circle', picture, { cx: left(u), cy: up(y), r: 4, fill: BLUE });
    shape('polyline', picture, { fill: 'none', stroke: 'currentColor', 'stroke-width': 2,
      points: along.map((x, i) => `${left(places[i]).toFixed(1)},${Math.max(-99, Math.min(399, up(dot(x, w)))).toFixed(1)}`).join(' ') });

    const HIGH = 0.35, across = step => 40 + 282 * Math.log10(step + 1) / Math.log10(steps + 1);
    const high = e => 10 + (1 - Math.min(e, HIGH) / HIGH) * (H - 52);
    for (const tick of [0, 0.1, 0.2, 0.3]) {
      shape('path', chart, { d: `M40 ${high(tick)}H${W - 8}`, stroke: 'currentColor', opacity: 0.2 });
      shape('text', chart, { x: 36, y: high(tick) + 4, 'text-anchor': 'end' }, tick);
    }
    for (const step of [1, 10, 100, steps]) shape('text', chart, { x: across(step), y: H - 24, 'text-anchor': step === steps ? 'end' : 'middle' }, step);
    shape('text', chart, { x: 181, y: H - 7, 'text-anchor': 'middle' }, 'step, on a logarithmic scale');
    shape('path', chart, { d: `M${across(index)} 8V${H - 38}`, stroke: 'currentColor', 'stroke-dasharray': '4 4', opacity: 0.7 });
    [[train, BLUE, ''], [validation, ORANGE, '6 3']].forEach(([errors, stroke, dash]) => shape('polyline', chart, {
      fill: 'none', stroke, 'stroke-width': 2, 'stroke-dasharray': dash,
      points: stops.map(step => `${across(step).toFixed(1)},${high(errors[step]).toFixed(1)}`).join(' ') }));
    shape('circle', chart, { cx: across(best), cy: high(validation[best]), r: 5, fill: 'none', stroke: GREEN, 'stroke-width': 2.5 });

    const zeros = w.reduce((sum, v) => sum + (v === 0), 0), norm = Math.sqrt(dot(w, w));
    picture.setAttribute('aria-label', `${n} training points (discs), validation points (crosses) and the curve after ${index} steps.`);
    chart.setAttribute('aria-label', `After ${index} steps the training error is ${train[index].toFixed(4)}, the validation error ${validation[index].toFixed(4)}; the lowest validation error is at step ${best}.`);
    readout.textContent = `step ${index}: training ${train[index].toFixed(4)} (●, solid) · validation ${validation[index].toFixed(4)} (×, dashed) · `
      + `lowest validation ${validation[best].toFixed(4)} at step ${best} (○) · length of w ${norm.toFixed(2)}, zero: ${zeros} of ${d}`;
    root.state = { kind, strength: amount, step: index, best, w: [...w], train, validation, zeros };
  };
  run(); draw();
}
