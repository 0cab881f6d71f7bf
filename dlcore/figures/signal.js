(root, data, { make, shape, press }) => {
  // A deep net at its start: the numbers of dlcore.figures.init, its layers forward and back.
  const N = data.examples, BINS = 25, WIDTHS = [8, 16, 32, 64];
  const sigmoid = z => 0.5 * (1 + Math.tanh(0.5 * z));
  const ACTIVATIONS = { // σ(z), and σ'(z) where σ(z) = a
    identity: [z => z, () => 1],
    tanh: [Math.tanh, a => 1 - a * a],
    relu: [z => Math.max(z, 0), (a, z) => z > 0 ? 1 : 0],
    sigmoid: [sigmoid, a => a * (1 - a)],
  };
  // Mulberry32: number k of the seed, uniform with mean 0 and variance 1.
  const draws = (seed, from, count) => Float64Array.from({ length: count }, (_, i) => {
    const c = Math.imul(seed, 0x9E3779B9) + Math.imul(from + i + 1, 0x6D2B79F5);
    let t = Math.imul(c ^ c >>> 15, c | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return Math.sqrt(3) * (2 * (((t ^ t >>> 14) >>> 0) / 2 ** 32) - 1);
  });
  const orthogonal = (w, m) => { // Gram-Schmidt on the rows, twice against rounding
    for (let r = 0; r < m; r++) {
      const row = w.subarray(r * m, r * m + m);
      for (const end of [r, r]) for (let p = 0; p < end; p++) {
        const other = w.subarray(p * m, p * m + m);
        const along = row.reduce((sum, v, i) => sum + v * other[i], 0);
        row.forEach((_, i) => { row[i] -= along * other[i]; });
      }
      const length = Math.hypot(...row);
      row.forEach((v, i) => { row[i] = v / length; });
    }
    return w;
  };
  let { activation, weights, gain, depth, width, seed } = data.start;
  const rms = v => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0) / v.length);
  const compute = () => {
    const m = width, [sigma, slope] = ACTIVATIONS[activation], w = [null], z = [null];
    const a = [draws(seed, 0, N * m)], back = [];
    back[depth] = draws(seed, N * m, N * m);
    for (let l = 1; l <= depth; l++) {
      const raw = draws(seed, 2 * N * m + (l - 1) * m * m, m * m), out = new Float64Array(N * m);
      w.push(weights === 'orthogonal' ? orthogonal(raw, m).map(v => gain * v) : raw.map(v => gain / Math.sqrt(m) * v));
      for (let r = 0; r < N; r++) for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let i = 0; i < m; i++) sum += w[l][j * m + i] * a[l - 1][r * m + i];
        out[r * m + j] = sum;
      }
      z.push(out); a.push(out.map(sigma));
    }
    for (let l = depth; l > 0; l--) {
      const to = new Float64Array(N * m);
      for (let r = 0; r < N; r++) for (let j = 0; j < m; j++) {
        const d = back[l][r * m + j] * slope(a[l][r * m + j], z[l][r * m + j]);
        if (d) for (let i = 0; i < m; i++) to[r * m + i] += d * w[l][j * m + i];
      }
      back[l - 1] = to;
    }
    return { a, back };
  };

  const group = name => {
    const row = make('div', root, { className: 'controls' });
    row.setAttribute('role', 'group'); row.setAttribute('aria-label', name);
    make('span', row, { textContent: name });
    return row;
  };
  const choice = (row, names, now, change) => {
    const buttons = names.map((name, i) => make('button', row, {
      type: 'button', textContent: name,
      onclick: () => { buttons.forEach((other, k) => press(other, k === i)); change(name); draw(); },
    }));
    buttons.forEach((button, i) => press(button, names[i] === now));
  };
  const slider = (row, text, min, max, step, now, shown, change) => {
    const label = make('label', row);
    label.style.flex = '1 1 12rem';
    make('span', label, { textContent: text });
    const input = make('input', label, { type: 'range', min, max, step, value: now });
    const number = make('span', label, { className: 'number' });
    input.setAttribute('aria-label', text);
    const tell = value => { number.textContent = shown(value); input.setAttribute('aria-valuetext', shown(value)); };
    input.addEventListener('input', () => { tell(+input.value); change(+input.value); draw(); });
    tell(now);
    return value => { input.value = value; tell(value); };
  };
  choice(group('activation'), Object.keys(ACTIVATIONS), activation, v => { activation = v; });
  choice(group('weights'), ['independent', 'orthogonal'], weights, v => { weights = v; });
  const rules = group('gain'), show = slider(rules, 'gain', 0.3, 3, 0.01, gain, v => v.toFixed(2), v => { gain = v; });
  rules.firstChild.remove();
  for (const [name, value] of [['gain 1', 1], ['gain √2', Math.SQRT2]]) {
    make('button', rules, { type: 'button', textContent: name, onclick: () => { gain = value; show(value); draw(); } });
  }
  const size = group('net');
  size.firstChild.remove();
  slider(size, 'depth', 1, 50, 1, depth, String, v => { depth = v; });
  slider(size, 'width', 0, 3, 1, WIDTHS.indexOf(width), v => String(WIDTHS[v]), v => { width = WIDTHS[v]; });
  make('button', size, { type: 'button', textContent: 'other weights', onclick: () => { seed += 1; draw(); } });

  const panel = (height, text) => {
    const svg = shape('svg', root, { viewBox: `0 0 340 ${height}`, role: 'img', 'font-size': 12 });
    svg.style.cssText = 'display:block;max-width:32rem;margin:.5rem auto 0';
    return svg;
  };
  const chart = panel(176), bars = panel(84);
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#D98200';
  const power = v => v === 0 ? '0' : Math.abs(Math.log10(v)) < 3 ? v.toPrecision(3) : v.toExponential(1);
  const plot = (forward, backward) => {
    chart.replaceChildren();
    const logs = [...forward, ...backward].map(v => Math.max(-20, Math.min(20, Math.log10(v))));
    const low = Math.floor(Math.min(-2, ...logs)), high = Math.ceil(Math.max(2, ...logs));
    const x = l => 46 + 286 * l / depth, y = v => 142 - 118 * (Math.max(low, Math.min(high, Math.log10(v))) - low) / (high - low);
    const every = Math.max(1, Math.ceil((high - low) / 5));
    for (let k = low; k <= high; k++) if (k % every === 0) {
      shape('line', chart, { x1: 46, x2: 332, y1: y(10 ** k), y2: y(10 ** k), stroke: 'currentColor', 'stroke-opacity': k ? 0.15 : 0.6 });
      const at = shape('text', chart, { x: 41, y: y(10 ** k) + 4, 'text-anchor': 'end' }, '10');
      shape('tspan', at, { dy: -4, 'font-size': 9 }, String(k).replace('-', '−'));
    }
    for (const l of [0, Math.round(depth / 2), depth]) shape('text', chart, { x: x(l), y: 157, 'text-anchor': 'middle' }, l);
    shape('text', chart, { x: 189, y: 172, 'text-anchor': 'middle' }, 'layer');
    for (const [values, colour, dash, name, place] of [[forward, BLUE, '', 'activations →', 46], [backward, ORANGE, '5 4', '← gradients', 332]]) {
      shape('polyline', chart, { fill: 'none', stroke: colour, 'stroke-width': 2.2, 'stroke-dasharray': dash,
        points: values.map((v, l) => `${x(l)},${y(v)}`).join(' ') });
      const word = shape('text', chart, { x: place, y: 13, 'text-anchor': place > 100 ? 'end' : 'start', 'font-weight': 'bold' }, name);
      word.style.fill = colour;
    }
    chart.setAttribute('aria-label', `Root mean square by layer, on a logarithmic scale. Activations: ${power(forward[0])} at the `
      + `input, ${power(forward[depth])} in layer ${depth}. Gradients: ${power(backward[depth])} there, ${power(backward[0])} at the input.`);
  };
  const histograms = a => {
    bars.replaceChildren();
    const layers = [...new Set([0, 0.25, 0.5, 0.75, 1].map(f => Math.round(f * depth)))];
    const counts = layers.map(l => {
      const found = new Array(BINS).fill(0);
      for (const v of a[l]) found[Math.max(0, Math.min(BINS - 1, Math.floor((v + 3) / 6 * BINS)))] += 1;
      return found;
    });
    counts.forEach((found, k) => {
      const left = 4 + 68 * k, top = Math.max(...found);
      shape('line', bars, { x1: left, x2: left + 60, y1: 64, y2: 64, stroke: 'currentColor', 'stroke-opacity': 0.5 });
      found.forEach((c, i) => shape('rect', bars, { x: left + 60 * i / BINS, width: 60 / BINS, y: 64 - 60 * c / top, height: 60 * c / top, fill: BLUE }));
      shape('text', bars, { x: left + 30, y: 79, 'text-anchor': 'middle' }, layers[k] ? `layer ${layers[k]}` : 'input');
    });
    bars.setAttribute('aria-label', `Histograms of the activations from −3 to 3 in layers ${layers.join(', ')}; values beyond are in the last bars.`);
    return { layers, counts };
  };
  const draw = () => {
    const { a, back } = compute(), m = width, last = a[depth];
    const forward = a.map(rms), backward = back.map(rms);
    const first = last.slice(0, m), second = last.slice(m, 2 * m);
    const cosine = first.reduce((sum, v, i) => sum + v * second[i], 0) / Math.sqrt(m * rms(first) ** 2 * m * rms(second) ** 2);
    plot(forward, backward);
    const shown = histograms(a);
    readout.textContent = `activations × ${power(forward[depth] / forward[0])} on the way up, gradients × `
      + `${power(backward[0] / backward[depth])} on the way down · cosine of two examples at the top: `
      + (Number.isFinite(cosine) ? cosine.toFixed(2) : 'none');
    root.state = { activation, weights, gain, depth, width, seed, forward, backward, cosine, ...shown };
  };
  draw();
}
