(root, data, { make, shape }) => {
  // The tent composed with itself, exactly: a piece that crosses the crease becomes two, as in
  // dlcore.scratch.approximation.folded.
  const W = 420, H = 220;
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#E69F00';
  const relu = z => Math.max(z, 0);
  const tent = (x, crease, height) => height * (relu(x) / crease - relu(x - crease) * (1 / crease + 1 / (1 - crease)));
  const folded = ({ knots, values }, crease, height) => {
    const out = { knots: [knots[0]], values: [tent(values[0], crease, height)] };
    for (let i = 1; i < knots.length; i++) {
      const below = values[i - 1] - crease, above = values[i] - crease;
      if (below * above < 0) {
        out.knots.push(knots[i - 1] + below / (below - above) * (knots[i] - knots[i - 1]));
        out.values.push(height);
      }
      out.knots.push(knots[i]); out.values.push(tent(values[i], crease, height));
    }
    return out;
  };

  const controls = make('div', root, { className: 'controls' });
  const slider = (text, min, max, step, value, digits) => {
    const label = make('label', controls);
    make('span', label, { textContent: text }).style.whiteSpace = 'nowrap';
    const input = make('input', label, { type: 'range', min, max, step, value });
    input.setAttribute('aria-label', text.trim());
    const out = make('span', label, { className: 'number' });
    input.addEventListener('input', () => draw());
    return () => { out.textContent = (+input.value).toFixed(digits); return +input.value; };
  };
  const layers = slider('layers ', 0, 8, 1, data.layers, 0);
  const crease = slider('crease ', 0.1, 0.9, 0.05, 0.5, 2);
  const height = slider('height ', 0.3, 1, 0.05, 1, 2);
  const input = slider('input x ', 0, 1, 0.01, 0.3, 2);
  const svg = shape('svg', root, { viewBox: `0 0 ${W} ${H}`, role: 'img' });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  const left = x => 30 + x * (W - 45), up = y => 12 + (1 - y) * (H - 40);

  const draw = () => {
    const k = layers(), a = crease(), h = height(), x = input();
    let f = { knots: [0, 1], values: [0, 1] };
    const pieces = [1], trail = [x];
    for (let layer = 0; layer < k; layer++) {
      f = folded(f, a, h); pieces.push(f.knots.length - 1);
      trail.push(tent(trail[layer], a, h));
    }
    svg.replaceChildren();
    shape('path', svg, { d: `M30 ${up(0)}H${W - 15}M30 ${up(1)}V${up(0)}`, stroke: 'currentColor', opacity: 0.5, fill: 'none' });
    shape('path', svg, { d: `M30 ${up(a)}H${W - 15}`, stroke: 'currentColor', 'stroke-dasharray': '4 5', opacity: 0.6 });
    for (const tick of [0, 1]) {
      shape('text', svg, { x: 22, y: up(tick) + 5, 'text-anchor': 'end', 'font-size': 15 }, tick);
      shape('text', svg, { x: left(tick), y: H - 6, 'text-anchor': 'middle', 'font-size': 15 }, tick);
    }
    shape('polyline', svg, { points: f.knots.map((t, i) => `${left(t).toFixed(2)},${up(f.values[i]).toFixed(2)}`).join(' '),
      fill: 'none', stroke: BLUE, 'stroke-width': k > 6 ? 0.9 : 1.8 });
    shape('path', svg, { d: `M${left(x)} ${up(0)}V${up(trail[k])}`, stroke: ORANGE, 'stroke-width': 2 });
    shape('circle', svg, { cx: left(x), cy: up(trail[k]), r: 6, fill: ORANGE });
    const count = pieces[k], units = 2 * k;
    svg.setAttribute('aria-label', `The tent composed ${k} times: ${count} straight pieces. The dashed line is the crease of the next fold.`);
    readout.textContent = `${k} layer${k === 1 ? '' : 's'}, ${units} units: ${pieces.join(' → ')} piece${count === 1 ? '' : 's'}. `
      + `One hidden layer needs at least ${count - 1} unit${count === 2 ? '' : 's'} for as many`
      + `${units > 0 ? `, and with ${units} units has at most ${units + 1}` : ''}. x goes ${trail.map(v => v.toFixed(2)).join(' → ')}.`;
    root.state = { layers: k, crease: a, height: h, x, ...f, pieces, trail };
  };
  draw();
}
