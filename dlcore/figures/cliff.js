(root, data, { make }) => {
  // One neuron over the square [-1, 1]²: y = step(w1 x1 + w2 x2 + b), or its sigmoid, as a surface.
  const WIDE = 480, TALL = 380, SCALE = 118, LIFT = 0.8, SIDE = data.side;
  const names = ['w₁', 'w₂', 'b'];
  let v = [...data.v], turn = 0.5, tilt = 0.6, soft = false, sliders = [];
  const score = (x, y) => v[0] * x + v[1] * y + v[2];
  const sigmoid = z => 0.5 * (1 + Math.tanh(0.5 * z));
  const value = (x, y) => soft ? sigmoid(score(x, y)) : score(x, y) > 0 ? 1 : 0;

  const canvas = make('canvas', root, { width: WIDE, height: TALL });
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', `${data.alt} Arrow keys turn and tilt it.`);
  const controls = make('div', root, { className: 'controls' });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  readout.style.minHeight = '3em';
  const pen = canvas.getContext('2d');
  pen.lineJoin = 'round';

  const project = ([x, y, z]) => {
    const across = x * Math.cos(turn) - y * Math.sin(turn), back = x * Math.sin(turn) + y * Math.cos(turn);
    return [WIDE / 2 + SCALE * across, TALL * .58 - SCALE * (back * Math.sin(tilt) + LIFT * z * Math.cos(tilt)), back * Math.cos(tilt) - z * Math.sin(tilt)];
  };
  const shape = (corners, fill, line = 'rgba(0, 0, 0, .45)') => {
    pen.beginPath();
    corners.map(project).forEach(([x, y], i) => pen[i ? 'lineTo' : 'moveTo'](x, y));
    pen.closePath(); pen.fillStyle = fill; pen.fill(); pen.strokeStyle = line; pen.lineWidth = 1; pen.stroke();
  };
  const word = (text, at) => { const [x, y] = project(at); pen.fillStyle = getComputedStyle(root).color; pen.font = '18px sans-serif'; pen.textAlign = 'center'; pen.fillText(text, x, y + 6); };
  const SQUARE = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
  const part = sign => {  // the corners of the square on one side of the line, cut along it
    const kept = [], cut = [];
    SQUARE.forEach((from, i) => {
      const to = SQUARE[(i + 1) % 4], a = score(...from), b = score(...to);
      if (sign > 0 ? a > 0 : a <= 0) kept.push(from);
      if (a > 0 !== b > 0) { const t = a / (a - b), at = [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]; kept.push(at); cut.push(at); }
    });
    return { kept, cut };
  };
  const hard = () => {
    const low = part(-1), high = part(1);
    if (low.kept.length) shape(low.kept.map(p => [...p, 0]), '#7fb8d8');
    if (low.cut.length === 2) shape([...low.cut.map(p => [...p, 0]), ...low.cut.map(p => [...p, 1]).reverse()], '#dddddd');
    if (high.kept.length) shape(high.kept.map(p => [...p, 1]), '#f2cf80');
  };
  const smooth = () => {
    const n = 28, cells = [];
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
      const at = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([a, b]) => [2 * a / n - 1, 2 * b / n - 1]);
      const corners = at.map(p => [...p, value(...p)]), height = corners.reduce((s, c) => s + c[2] / 4, 0);
      const mix = [[127, 242], [184, 207], [216, 128]].map(([a, b]) => Math.round(a + height * (b - a)));
      cells.push({ corners, fill: `rgb(${mix})`, far: corners.reduce((s, c) => s + project(c)[2], 0) });
    }
    cells.sort((a, b) => b.far - a.far).forEach(({ corners, fill }) => shape(corners, fill, 'rgba(0, 0, 0, .12)'));
  };
  const arrow = () => {
    const size = Math.hypot(v[0], v[1]);
    if (!size) return;
    const [a, b] = [v[0] / size, v[1] / size], on = [-v[2] / size * a, -v[2] / size * b], long = Math.min(0.9, size / 3);
    if (Math.abs(on[0]) > 1 || Math.abs(on[1]) > 1) return;
    const z = soft ? .5 : 1, tip = [on[0] + long * a, on[1] + long * b, z];
    const lines = [[[...on, z], tip], ...[-1, 1].map(s => [tip, [tip[0] - .1 * a + s * .06 * b, tip[1] - .1 * b - s * .06 * a, z]])];
    const [x, y] = project([tip[0] + .1 * a, tip[1] + .1 * b, z]);
    pen.font = 'italic bold 20px serif'; pen.fillStyle = 'black';
    for (const [colour, wide] of [['white', 7], ['black', 3]]) {  // a rim, for where it leaves the plateau on a dark page
      pen.strokeStyle = colour; pen.lineWidth = wide;
      for (const ends of lines) { pen.beginPath(); ends.map(project).forEach(([x, y], i) => pen[i ? 'lineTo' : 'moveTo'](x, y)); pen.stroke(); }
      if (colour === 'white') pen.strokeText('w', x, y + 6);
    }
    pen.fillText('w', x, y + 6);
  };
  const draw = () => {
    pen.clearRect(0, 0, WIDE, TALL);
    shape(SQUARE.map(p => [...p, 0]), '#f4f4f4');
    word('x₁ →', [0, -1.22, 0]); word('x₂ ↑', [-1.25, 0, 0]);
    for (const [x, y] of SQUARE) word(`(${x}, ${y})`.replaceAll('-', '−'), [1.25 * x, 1.2 * y, 0]);
    if (soft) smooth(); else hard();  // after the words, which it may hide
    arrow();
    let fires = 0, total = 0;
    for (let i = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++) {
      const y = value(2 * j / (SIDE - 1) - 1, 2 * i / (SIDE - 1) - 1);
      fires += y > 0.5; total += y;
    }
    const size = Math.hypot(v[0], v[1]), show = a => `${+a.toFixed(3)}`.replace('-', '−');
    readout.textContent = `Fires where ${show(v[0])} x₁ + ${show(v[1])} x₂ > ${show(-v[2] + 0)}: at ${fires} of ${SIDE * SIDE} grid points (${(100 * fires / SIDE ** 2).toFixed(1)} %) · `
      + (size ? `line at distance |b|/‖w‖ = ${show(Math.abs(v[2]) / size)} from the origin` : 'w = 0: no line, one answer everywhere');
    sliders.forEach((slider, i) => { slider.nextSibling.textContent = show(v[i]); });
    root.state = { v, fires, mean: total / SIDE ** 2, distance: size ? Math.abs(v[2]) / size : null, soft, turn, tilt };
  };

  names.forEach((name, i) => {
    const label = make('label', controls, { textContent: `${name} ` });
    label.style.flex = '1 1 100%';
    const slider = make('input', label, { type: 'range', min: -3, max: 3, step: 0.125, value: v[i] });
    make('span', label, { className: 'number' }).style.minWidth = '3.2em';
    slider.setAttribute('aria-label', ['weight 1', 'weight 2', 'bias'][i]);
    slider.addEventListener('input', () => { v[i] = +slider.value; draw(); });
    sliders.push(slider);
  });
  const views = make('div', root, { className: 'controls' });
  const button = (text, act) => make('button', views, { type: 'button', textContent: text, onclick: () => { act(); draw(); } });
  button('from above', () => { turn = 0; tilt = Math.PI / 2; });
  button('from the side', () => { turn = 0.5; tilt = 0.6; });
  const softer = button('soften the step', () => { soft = !soft; softer.textContent = soft ? 'harden the step' : 'soften the step'; });
  const move = (a, b) => { turn += a; tilt = Math.max(0.05, Math.min(Math.PI / 2, tilt + b)); draw(); };
  let held = null;
  canvas.style.touchAction = 'pan-y';
  canvas.addEventListener('pointerdown', event => { held = [event.clientX, event.clientY]; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener('pointermove', event => {
    if (!held) return;
    move((event.clientX - held[0]) / 120, (event.clientY - held[1]) / 120);
    held = [event.clientX, event.clientY];
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { held = null; });
  const arrows = { ArrowLeft: [-.1, 0], ArrowRight: [.1, 0], ArrowUp: [0, .1], ArrowDown: [0, -.1] };
  canvas.addEventListener('keydown', event => {
    if (!arrows[event.key]) return;
    move(...arrows[event.key]); event.preventDefault(); event.stopPropagation();
  });
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  draw();
}
