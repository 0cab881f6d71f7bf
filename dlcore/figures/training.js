(root, data, { make }) => {
  // Softmax regression by full-batch gradient descent, as dlcore.scratch does it.
  const K = data.classes, SIDE = 480, CELL = 4, REACH = data.reach;
  const softmax = x => {
    const top = Math.max(...x), e = x.map(v => Math.exp(v - top));
    const total = e.reduce((a, b) => a + b, 0);
    return e.map(v => v / total);
  };
  const logsumexp = x => {
    const top = Math.max(...x);
    return top + Math.log(x.reduce((sum, v) => sum + Math.exp(v - top), 0));
  };
  const scores = (w, [x, y]) => w.map(([a, b, c]) => a * x + b * y + c);
  const epoch = (w, points) => {
    const grad = w.map(() => [0, 0, 0]);
    let loss = 0, wrong = 0;
    points.forEach((point, i) => {
      const o = scores(w, point), p = softmax(o), label = data.labels[i];
      loss += (logsumexp(o) - o[label]) / points.length;
      wrong += o.some((v, k) => v > o[label] || (v === o[label] && k < label));
      for (let k = 0; k < K; k++) {
        const d = (p[k] - (k === label)) / points.length;
        [point[0], point[1], 1].forEach((v, j) => { grad[k][j] += d * v; });
      }
    });
    return { w, loss, wrong, next: w.map((row, k) => row.map((v, j) => v - data.lr * grad[k][j])) };
  };
  const train = points => {
    const history = [];
    let w = Array.from({ length: K }, () => [0, 0, 0]);
    for (let step = 0; step <= data.steps; step++) { history.push(epoch(w, points)); w = history[step].next; }
    return history;
  };

  const canvas = make('canvas', root, { width: SIDE, height: SIDE });
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', `${data.alt} Keys: n and p choose a point, arrows move it.`);
  const controls = make('div', root, { className: 'controls' });
  const label = make('label', controls, { textContent: 'step ' });
  const slider = make('input', label, { type: 'range', min: 0, max: data.steps, step: 1, value: data.steps });
  const count = make('span', label, { className: 'number' });
  const play = make('button', controls, { type: 'button', textContent: 'play' });
  const reset = make('button', controls, { type: 'button', textContent: 'put the points back' });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  const pen = canvas.getContext('2d');
  const colours = data.colours.map(c => [1, 3, 5].map(i => parseInt(c.slice(i, i + 2), 16)));
  const pixel = v => (v / REACH + 1) * SIDE / 2;
  const shapes = [
    (x, y) => pen.arc(x, y, 5, 0, 7), (x, y) => pen.rect(x - 4.5, y - 4.5, 9, 9),
    (x, y) => { pen.moveTo(x, y - 6); pen.lineTo(x + 6, y + 5); pen.lineTo(x - 6, y + 5); pen.closePath(); },
  ];

  let points = data.points.map(p => [...p]), history = train(points), timer = null, chosen = -1;
  const draw = () => {
    const now = history[slider.value];
    for (let i = 0; i < SIDE; i += CELL) for (let j = 0; j < SIDE; j += CELL) {
      const at = [((i + CELL / 2) * 2 / SIDE - 1) * REACH, (1 - (j + CELL / 2) * 2 / SIDE) * REACH];
      const p = softmax(scores(now.w, at));
      const mix = [0, 1, 2].map(c => Math.round(255 - 0.6 * p.reduce((s, v, k) => s + v * (255 - colours[k][c]), 0)));
      pen.fillStyle = `rgb(${mix})`;
      pen.fillRect(i, j, CELL, CELL);
    }
    points.forEach(([x, y], i) => {
      pen.beginPath();
      shapes[data.labels[i] % 3](pixel(x), SIDE - pixel(y));
      pen.fillStyle = data.colours[data.labels[i]]; pen.fill();
      pen.strokeStyle = i === chosen ? 'black' : 'white'; pen.lineWidth = i === chosen ? 3 : 1.5; pen.stroke();
    });
    count.textContent = slider.value;
    readout.textContent = `cross-entropy ${now.loss.toFixed(3)} · ${now.wrong} of ${points.length} wrong`;
    root.state = { step: +slider.value, loss: now.loss, wrong: now.wrong, w: now.w };
  };

  const stop = () => { clearInterval(timer); timer = null; play.textContent = 'play'; };
  play.onclick = () => {
    if (timer) return stop();
    if (+slider.value === data.steps) slider.value = 0;
    play.textContent = 'pause';
    timer = setInterval(() => { slider.value = +slider.value + 1; draw(); if (+slider.value === data.steps) stop(); }, 60);
  };
  reset.onclick = () => { points = data.points.map(p => [...p]); history = train(points); draw(); };
  slider.addEventListener('input', () => { stop(); draw(); });
  let held = -1;
  const place = event => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * 2 / box.width - 1) * REACH, (1 - (event.clientY - box.top) * 2 / box.height) * REACH];
  };
  canvas.addEventListener('pointerdown', event => {
    const [x, y] = place(event), far = points.map(p => Math.hypot(p[0] - x, p[1] - y));
    const near = Math.min(...far);
    if (near < REACH / 12) { held = far.indexOf(near); canvas.setPointerCapture(event.pointerId); }
  });
  canvas.addEventListener('pointermove', event => {
    if (held < 0) return;
    points[held] = place(event).map(v => Math.max(-REACH, Math.min(REACH, v)));
    history = train(points); draw();
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { held = -1; });
  // A finger on a point drags it; anywhere else it scrolls the page.
  canvas.addEventListener('touchstart', event => {
    const [x, y] = place(event.touches[0]);
    if (points.some(p => Math.hypot(p[0] - x, p[1] - y) < REACH / 12)) event.preventDefault();
  }, { passive: false });
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  canvas.addEventListener('keydown', event => {
    const step = { n: 1, p: -1 }[event.key];
    if (step) chosen = (chosen + step + points.length) % points.length;
    else if (arrows[event.key] && chosen >= 0) {
      const [dx, dy] = arrows[event.key], limit = v => Math.max(-REACH, Math.min(REACH, v));
      points[chosen] = [limit(points[chosen][0] + dx * REACH / 40), limit(points[chosen][1] + dy * REACH / 40)];
      history = train(points);
    } else return;
    event.preventDefault(); event.stopPropagation(); draw();
  });
  draw();
}
