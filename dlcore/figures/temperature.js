(root, data, { make }) => {
  // The same arithmetic as dlcore.scratch.softmax, one row at a time.
  const logsumexp = x => {
    const top = Math.max(...x);
    return top + Math.log(x.reduce((sum, v) => sum + Math.exp(v - top), 0));
  };
  const softmax = x => { const total = logsumexp(x); return x.map(v => Math.exp(v - total)); };
  const entropy = p => p.reduce((sum, v) => sum - (v > 0 ? v * Math.log(v) : 0), 0);
  const slider = (parent, label, min, max, value) => {
    const input = make('input', parent, { type: 'range', min, max, step: 0.01, value });
    input.setAttribute('aria-label', label);
    return input;
  };

  const rows = data.names.map((name, i) => {
    const row = make('div', root, { className: 'row' });
    make('span', row, { textContent: name });
    const range = Math.max(6, ...data.scores.map(v => Math.abs(v) + 1));
    const input = slider(row, `score of ${name}`, -range, range, data.scores[i]);
    const score = make('span', row, { className: 'number' });
    const bar = make('div', make('div', row), { className: 'bar' });
    return { input, score, bar, share: make('span', row, { className: 'number' }) };
  });
  const controls = make('div', root, { className: 'controls' });
  const label = make('label', controls, { textContent: 'temperature ' });
  const heat = slider(label, 'temperature', -1.3, 1.3, 0);
  const degrees = make('span', label, { className: 'number' });
  const move = by => { shift += by; draw(); };
  make('button', controls, { type: 'button', textContent: 'add 1 to every score', onclick: () => move(1) });
  make('button', controls, { type: 'button', textContent: 'reset', onclick: () => {
    rows.forEach((row, i) => { row.input.value = data.scores[i]; row.touched = false; });
    heat.value = 0; shift = 0; draw();
  } });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  let shift = 0;
  const draw = () => {
    const temperature = 10 ** heat.value;
    const scores = rows.map((row, i) => {
      // An untouched slider stands for the exact score, not for its step of 0.01.
      const base = row.touched ? +row.input.value : data.scores[i];
      return base + shift;
    });
    const scaled = scores.map(v => v / temperature);
    const p = softmax(scaled);
    rows.forEach((row, i) => {
      row.score.textContent = scores[i].toFixed(2);
      row.bar.style.width = `${100 * p[i]}%`;
      row.share.textContent = p[i].toFixed(3);
    });
    degrees.textContent = temperature.toFixed(2);
    heat.setAttribute('aria-valuetext', temperature.toFixed(2)); // the slider itself holds its logarithm
    readout.textContent = `entropy ${entropy(p).toFixed(3)} of at most ${Math.log(p.length).toFixed(3)} nats`
      + ` · log-sum-exp ${logsumexp(scaled).toFixed(3)}`;
    root.state = { scores, temperature, p, entropy: entropy(p), logsumexp: logsumexp(scaled) };
  };
  rows.forEach(row => row.input.addEventListener('input', () => { row.touched = true; draw(); }));
  heat.addEventListener('input', draw);
  draw();
}
