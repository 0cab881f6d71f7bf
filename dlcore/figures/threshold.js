(root, data, { make, shape }) => {
  // Counts by threshold, made in Python: how much is answered, and how much of that is wrong.
  const names = Object.keys(data.methods), COLOURS = ['#E69F00', 'var(--dl-blue, #0072b2)', 'var(--dl-green, #009e73)'];
  const points = names.map(name => data.methods[name].map(row => ({
    ...row, coverage: row.answered / data.tested, error: row.answered ? row.wrong / row.answered : 0,
  })));
  const controls = make('div', root, { className: 'controls' });
  const label = make('label', controls);
  make('span', label, { textContent: 'threshold' });
  const slider = make('input', label, { type: 'range', min: 0, max: points[0].length - 1, step: 1, value: 0 });
  slider.setAttribute('aria-label', 'threshold');
  const number = make('span', label, { className: 'number' });
  const W = 400, H = 230, LEFT = 44, BOTTOM = 36, RIGHT = 12, TOP = 12;
  const low = Math.floor(10 * Math.min(...points.flat().map(p => p.coverage))) / 10, high = Math.max(...points.flat().map(p => p.error));
  const x = c => LEFT + (c - low) / (1 - low) * (W - LEFT - RIGHT), y = e => H - BOTTOM - e / (1.08 * high) * (H - BOTTOM - TOP);
  const chart = shape('svg', root, { viewBox: `0 0 ${W} ${H}`, role: 'img' });
  shape('path', chart, { d: `M${LEFT} ${TOP}V${H - BOTTOM}H${W - RIGHT}`, fill: 'none', stroke: 'currentColor', 'stroke-opacity': 0.5 });
  const small = { 'font-size': 13 };
  for (let c = low; c < 1.001; c += 0.1) shape('text', chart, { x: x(c), y: H - BOTTOM + 16, 'text-anchor': 'middle', ...small }, Math.round(100 * c));
  for (let e = 0; e <= high; e += 0.02) shape('text', chart, { x: LEFT - 6, y: y(e) + 4, 'text-anchor': 'end', ...small }, `${Math.round(100 * e)}`);
  shape('text', chart, { x: (W + LEFT) / 2, y: H - 4, 'text-anchor': 'middle', ...small }, '% of the images answered');
  shape('text', chart, { x: LEFT + 8, y: TOP + 10, ...small }, '% of the answers wrong');
  const dots = points.map((own, k) => {
    shape('polyline', chart, { points: own.map(p => `${x(p.coverage)},${y(p.error)}`).join(' '), fill: 'none', stroke: COLOURS[k], 'stroke-width': 2 });
    return shape(k % 2 ? 'rect' : 'circle', chart, { r: 6, width: 11, height: 11, fill: COLOURS[k], stroke: 'currentColor' });
  });
  const lines = names.map(() => make('p', root, { className: 'readout' }));
  lines.forEach(line => line.setAttribute('aria-live', 'polite'));
  const draw = () => {
    const now = points.map(own => own[slider.value]), t = now[0].threshold;
    number.textContent = t.toFixed(3);
    slider.setAttribute('aria-valuetext', t.toFixed(3));
    now.forEach((p, k) => {
      const at = { cx: x(p.coverage), cy: y(p.error), x: x(p.coverage) - 5.5, y: y(p.error) - 5.5 };
      for (const key in at) dots[k].setAttribute(key, at[key]);
      lines[k].textContent = `${names[k]} (${k % 2 ? 'square' : 'disc'}): answers ${(100 * p.coverage).toFixed(1)} %, `
        + `${p.wrong} of ${p.answered} wrong (${(100 * p.error).toFixed(2)} %), ${data.tested - p.answered} left to a person`;
    });
    chart.setAttribute('aria-label', `${data.alt} Now at ${t}.`);
    root.state = { threshold: t, coverage: now.map(p => p.coverage), error: now.map(p => p.error) };
  };
  slider.addEventListener('input', draw);
  draw();
}
