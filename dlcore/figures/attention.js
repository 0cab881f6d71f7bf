(root, data, { make }) => {
  // dlcore.scratch.attention.attention with one head: x = tokens + positions, then q, k, v.
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#E69F00';
  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const through = (x, w) => x.map(line => w.map(row => dot(line, row)));
  const softmax = scores => {
    const top = Math.max(...scores), e = scores.map(v => Math.exp(v - top)), total = e.reduce((s, v) => s + v, 0);
    return e.map(v => v / total);
  };
  const sigmoid = z => 0.5 * (1 + Math.tanh(0.5 * z));
  let sentence, query, result;

  const compute = ids => {
    const x = ids.map((id, i) => data.tokens[id].map((v, c) => v + data.positions[i][c]));
    const q = through(x, data.wq), k = through(x, data.wk), v = through(x, data.wv);
    const weights = q.map(row => softmax(k.map(key => dot(row, key) / Math.sqrt(key.length))));
    const values = v.map(row => row[0]);
    return { weights, values, scores: weights.map(row => dot(row, values)) };
  };

  const top = make('div', root, { className: 'controls' });
  const typed = make('input', make('label', top, { textContent: 'sentence ' }), { type: 'text', autocapitalize: 'none', spellcheck: false });
  const field = 'font:inherit;color:inherit;background:transparent;border:1px solid currentColor;border-radius:.3rem;padding:.2rem .4rem;';
  typed.setAttribute('aria-label', 'sentence');
  typed.style.cssText = field + 'flex:1 1 12rem;min-width:0';
  const choice = make('label', top, { textContent: 'or pick ' });
  choice.style.minWidth = 0;
  const pick = make('select', choice);
  pick.setAttribute('aria-label', 'sentence to pick');
  pick.style.cssText = field + 'min-width:0;flex:1 1 8rem';
  for (const s of data.sentences) make('option', pick, { textContent: s, value: s }).style.cssText = 'color:black;background:white';
  const line = make('div', root);
  line.style.cssText = 'display:flex;flex-wrap:wrap;gap:.3rem;margin:.6rem 0 .3rem';
  line.setAttribute('role', 'group'); line.setAttribute('aria-label', 'Choose the word that looks');
  const answer = make('p', root, { className: 'readout' });
  answer.setAttribute('aria-live', 'polite');
  const table = make('div', root);
  table.style.cssText = 'display:grid;grid-template-columns:max-content 1fr max-content max-content;gap:.15rem .7rem;align-items:center';
  const known = make('details', root);
  make('summary', known, { textContent: `the ${data.words.length} words it knows` });
  const shelf = make('div', known);
  shelf.style.cssText = 'display:flex;flex-wrap:wrap;gap:.3rem;margin-top:.4rem';
  for (const word of data.words) make('button', shelf, { type: 'button', textContent: word, onclick: () => {
    typed.value = `${typed.value.trim()} ${word}`.trim(); read();
  } });
  make('button', shelf, { type: 'button', textContent: 'clear the sentence', onclick: () => { typed.value = ''; read(); typed.focus(); } });

  const signed = v => v.toFixed(2).replace('-', '−');
  const draw = () => {
    line.replaceChildren(); table.replaceChildren();
    const weights = result.weights[query], score = result.scores[query], { values } = result;
    sentence.forEach((word, i) => {
      const button = make('button', line, { type: 'button', textContent: word, onclick: () => { query = i; draw(); line.children[i].focus(); } });
      button.setAttribute('aria-pressed', i === query);
      button.style.background = `color-mix(in srgb, ${BLUE} ${(35 * weights[i]).toFixed(1)}%, transparent)`;
      if (i === query) button.style.outline = `3px solid ${ORANGE}`;
    });
    for (const text of [`“${sentence[query]}” looks at`, '', 'weight', 'value']) {
      const cell = make('div', table, { textContent: text, className: 'number' });
      cell.style.cssText = 'font-size:.85em;white-space:normal' + (text.includes('looks') ? ';text-align:left' : '');
    }
    sentence.forEach((word, i) => {
      make('div', table, { textContent: word });
      make('div', make('div', table), { className: 'bar' }).style.width = `${100 * weights[i]}%`;
      make('div', table, { className: 'number', textContent: weights[i].toFixed(3) });
      make('div', table, { className: 'number', textContent: signed(values[i]) });
    });
    const side = score > 0 ? 1 : 0, sure = side ? sigmoid(score) : sigmoid(-score);
    answer.textContent = data.silent.includes(sentence[query])
      ? `“${sentence[query]}” was never asked in training, so its weights mean nothing.`
      : `“${sentence[query]}”: ${data.answers[side]}, with probability ${sure.toFixed(3)}. Its score is the weighted mean of the values, ${signed(score)}.`;
    root.state = { words: sentence, query, weights: result.weights, values, scores: result.scores };
  };
  const read = () => {
    const words = typed.value.toLowerCase().replace(/[.,;:!?]/g, ' ').split(/\s+/).filter(Boolean);
    const strange = words.filter(word => !data.words.includes(word));
    const limit = data.positions.length;
    if (!words.length || strange.length || words.length > limit) {
      answer.textContent = !words.length ? 'Type a sentence, or press words below.'
        : strange.length ? `It has never seen: ${strange.join(', ')}. Below is what it knows.` : `It knows ${limit} places, and this has ${words.length}.`;
      return;
    }
    const asked = words.map((word, i) => data.silent.includes(word) ? -1 : i).filter(i => i >= 0);
    sentence = words; result = compute(words.map(word => data.words.indexOf(word)));
    query = asked.find(i => data.ask.includes(words[i])) ?? asked[0] ?? 0;
    draw();
  };
  typed.addEventListener('input', read);
  pick.addEventListener('change', () => { typed.value = pick.value; read(); });
  typed.value = data.sentences[0]; read();
}
