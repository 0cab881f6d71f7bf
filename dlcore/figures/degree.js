(root, data, { make, shape }) => {
  // Polynomial least squares with ridge, as LinearRegression.fit_exactly does it: a QR of the
  // features, a column of ones, and one more row √ridge for each weight.
  const W = 330, H = 250;
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#E69F00', GREEN = 'var(--dl-green, #009e73)';
  const value = (c, x) => c.reduceRight((sum, a) => sum * x + a, 0); // Horner; c[0] is the bias
  const rms = (c, pairs) => Math.sqrt(pairs.reduce((sum, [x, y]) => sum + (y - value(c, x)) ** 2, 0) / pairs.length);
  const fit = (pairs, degree, ridge) => {
    const cols = degree + 1, rows = pairs.map(([x, y]) => {
      const row = [1];
      for (let k = 1; k < cols; k++) row.push(row[k - 1] * x);
      return [...row, y];
    });
    if (ridge > 0) for (let k = 1; k < cols; k++) {
      const row = new Array(cols + 1).fill(0);
      row[k] = Math.sqrt(ridge); rows.push(row);
    }
    for (let k = 0; k < cols; k++) { // Householder
      const norm = Math.hypot(...rows.slice(k).map(r => r[k])), alpha = rows[k][k] > 0 ? -norm : norm;
      const v = rows.map((r, i) => i < k ? 0 : i === k ? r[k] - alpha : r[k]);
      const vv = v.reduce((s, a) => s + a * a, 0);
      if (vv === 0) continue;
      for (let j = k; j <= cols; j++) {
        const t = 2 * rows.reduce((s, r, i) => s + v[i] * r[j], 0) / vv;
        rows.forEach((r, i) => { r[j] -= t * v[i]; });
      }
    }
    const c = new Array(cols).fill(0);
    for (let k = cols - 1; k >= 0; k--) {
      c[k] = rows[k][cols];
      for (let j = k + 1; j < cols; j++) c[k] -= rows[k][j] * c[j];
      c[k] /= rows[k][k];
    }
    return c;
  };

  const panes = make('div', root);
  panes.style.cssText = 'display:flex;flex-wrap:wrap;gap:.8rem;justify-content:center';
  const pane = title => {
    const box = make('div', panes);
    box.style.cssText = 'flex:1 1 15rem;max-width:20rem;text-align:center';
    make('div', box, { textContent: title });
    const svg = shape('svg', box, { viewBox: `0 0 ${W} ${H}`, role: 'img' });
    svg.style.cssText = 'overflow:hidden';
    return svg;
  };
  const picture = pane('the fit'), chart = pane('error by degree');
  const field = (parent, text, min, max, start) => {
    const label = make('label', parent);
    make('span', label, { textContent: text }).style.whiteSpace = 'nowrap';
    const input = make('input', label, { type: 'range', min, max, step: 1, value: start });
    input.setAttribute('aria-label', text.trim());
    input.addEventListener('input', () => draw());
    return { input, out: make('span', label, { className: 'number' }) };
  };
  const controls = make('div', root, { className: 'controls' });
  const degree = field(controls, 'degree ', 1, data.degrees, 1);
  const penalty = field(controls, 'ridge ', -7, 2, -7);
  const count = field(controls, 'training examples ', 0, data.sizes.length - 1, 0);
  const buttons = make('div', root, { className: 'controls' });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  let openings = 0, opened = null;
  make('button', buttons, { type: 'button', textContent: 'open the test set', onclick: () => {
    opened = rms(state().c, data.test); openings++; draw(false);
  } });
  make('button', buttons, { type: 'button', textContent: 'start again', onclick: () => {
    degree.input.value = 1; penalty.input.value = -7; count.input.value = 0; openings = 0; draw();
  } });

  const state = () => {
    const ridge = +penalty.input.value === -7 ? 0 : 10 ** penalty.input.value;
    const pairs = data.train.slice(0, data.sizes[count.input.value]);
    return { pairs, ridge, degree: +degree.input.value, c: fit(pairs, +degree.input.value, ridge) };
  };
  const left = x => (x + 1) / 2 * (W - 20) + 10, up = y => (1 - y / 2) * H / 2;
  const LOW = Math.log10(0.05), HIGH = 2;
  const draw = (forget = true) => {
    if (forget) opened = null;
    const { pairs, ridge, degree: d, c } = state();
    const errors = Array.from({ length: data.degrees }, (_, k) => {
      const own = fit(pairs, k + 1, ridge);
      return [rms(own, pairs), rms(own, data.validation)];
    });
    picture.replaceChildren(); chart.replaceChildren();
    for (const [x, y] of data.validation) {
      const a = left(x), b = up(y);
      shape('path', picture, { d: `M${a - 3} ${b - 3}l6 6m0 -6l-6 6`, stroke: ORANGE, 'stroke-width': 1.5, opacity: 0.8 });
    }
    for (const [x, y] of pairs) shape('circle', picture, { cx: left(x), cy: up(y), r: 4, fill: BLUE });
    const curve = Array.from({ length: 241 }, (_, k) => {
      const x = k / 120 - 1;
      return `${left(x).toFixed(1)},${Math.max(-999, Math.min(999, up(value(c, x)))).toFixed(1)}`;
    });
    shape('polyline', picture, { points: curve.join(' '), fill: 'none', stroke: 'currentColor', 'stroke-width': 2 });
    shape('path', picture, { d: `M0 ${H - 0.5}H${W}`, stroke: 'currentColor', opacity: 0.4 });
    picture.setAttribute('aria-label', `${pairs.length} training points, the validation points, and a polynomial of degree ${d}.`);

    const cx = k => 38 + (k - 1) / (data.degrees - 1) * (W - 50);
    const cy = e => 12 + (HIGH - Math.log10(Math.max(e, 1e-9))) / (HIGH - LOW) * (H - 42);
    for (const tick of [0.1, 1, 10, 100]) {
      shape('path', chart, { d: `M34 ${cy(tick)}H${W}`, stroke: 'currentColor', opacity: 0.2 });
      shape('text', chart, { x: 30, y: cy(tick) + 4, 'text-anchor': 'end', 'font-size': 12 }, tick);
    }
    for (let k = 1; k <= data.degrees; k++) shape('text', chart, { x: cx(k), y: H - 4, 'text-anchor': 'middle', 'font-size': 12 }, k);
    shape('path', chart, { d: `M${cx(d)} 0V${H - 22}`, stroke: 'currentColor', 'stroke-dasharray': '4 4', opacity: 0.6 });
    [BLUE, ORANGE].forEach((stroke, which) => {
      shape('polyline', chart, { points: errors.map((e, k) => `${cx(k + 1)},${cy(e[which])}`).join(' '), fill: 'none', stroke, 'stroke-width': 2 });
      errors.forEach((e, k) => shape(which ? 'path' : 'circle', chart, which
        ? { d: `M${cx(k + 1) - 3} ${cy(e[1]) - 3}l6 6m0 -6l-6 6`, stroke, 'stroke-width': 2 } : { cx: cx(k + 1), cy: cy(e[0]), r: 3, fill: stroke }));
    });
    if (opened !== null) shape('circle', chart, { cx: cx(d), cy: cy(opened), r: 6, fill: 'none', stroke: GREEN, 'stroke-width': 2.5 });
    const [train, validation] = errors[d - 1];
    chart.setAttribute('aria-label', `At degree ${d} the training error is ${train.toFixed(3)}, the validation error ${validation.toFixed(3)}.`);
    degree.out.textContent = d; penalty.out.textContent = ridge ? ridge.toPrecision(1) : 'none';
    penalty.input.setAttribute('aria-valuetext', penalty.out.textContent); // the slider itself holds its logarithm
    count.out.textContent = pairs.length;
    count.input.setAttribute('aria-valuetext', pairs.length);
    const size = Math.max(...c.map(Math.abs));
    readout.textContent = `training error ${train.toFixed(3)} (●) · validation error ${validation.toFixed(3)} (×) · largest coefficient ${size < 100 ? size.toPrecision(2) : Math.round(size)}`
      + (opened === null ? '' : ` · test error ${opened.toFixed(3)} (○), opened ${openings} ${openings > 1 ? 'times: it is a second validation set by now' : 'time'}`);
    root.state = { degree: d, ridge, n: pairs.length, c, errors, test: opened, openings };
  };
  draw();
}
