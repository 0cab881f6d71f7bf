(root, data, { make, shape, press }) => {
  // dlcore.scratch.mlp and full-batch gradient descent on the binary cross-entropy, from its draws.
  const REACH = data.reach, GRID = 112, SMALL = 56, RATES = [0.01, 0.03, 0.1, 0.3, 1, 3];
  const BLUE = [0, 114, 178], ORANGE = [230, 159, 0];
  const sigmoid = z => 0.5 * (1 + Math.tanh(0.5 * z));
  const ACTIVATIONS = { // σ(z), σ'(z) where σ(z) = a, and the value of a that gets the full colour
    tanh: [Math.tanh, (a, z) => 1 - a * a, 1],
    relu: [z => Math.max(z, 0), (a, z) => z > 0 ? 1 : 0, 0],
    sigmoid: [sigmoid, (a, z) => a * (1 - a), 1],
    identity: [z => z, (a, z) => 1, 0],
  };

  let { set, width, depth, activation, rate, seed } = data.start;
  let sizes, w, b, inputs, labels, losses, chosen, timer = null;
  const restart = () => {
    const { points, labels: y } = data.sets[set], tell = activation === 'relu';
    inputs = Float64Array.from(points.flat()); labels = y; losses = []; chosen = null;
    sizes = [2, ...new Array(depth).fill(width), 1]; w = [null]; b = [null];
    let drawn = 0;
    for (let l = 1; l < sizes.length; l++) {
      const scale = Math.sqrt(tell ? 2 / sizes[l - 1] : 2 / (sizes[l - 1] + sizes[l]));
      w.push(Float64Array.from({ length: sizes[l] * sizes[l - 1] }, () => scale * data.normals[seed][drawn++]));
      b.push(new Float64Array(sizes[l]));
    }
  };
  const forward = x => {
    const n = x.length / 2, z = [null], a = [x];
    for (let l = 1; l < sizes.length; l++) {
      const from = sizes[l - 1], to = sizes[l], out = new Float64Array(n * to);
      for (let r = 0; r < n; r++) for (let j = 0; j < to; j++) {
        let sum = 0;
        for (let i = 0; i < from; i++) sum += w[l][j * from + i] * a[l - 1][r * from + i];
        out[r * to + j] = sum + b[l][j];
      }
      z.push(out);
      if (l < sizes.length - 1) a.push(out.map(ACTIVATIONS[activation][0]));
    }
    return { z, a };
  };
  const lossOf = logits => logits.reduce((sum, o, r) =>
    sum + Math.max(o, 0) + Math.log1p(Math.exp(-Math.abs(o))) - labels[r] * o, 0) / logits.length;
  const step = () => {
    const { z, a } = forward(inputs), n = labels.length, slope = ACTIVATIONS[activation][1];
    let delta = z.at(-1).map((o, r) => (sigmoid(o) - labels[r]) / n);
    losses.push(lossOf(z.at(-1)));
    for (let l = sizes.length - 1; l > 0; l--) {
      const from = sizes[l - 1], to = sizes[l], back = new Float64Array(n * from);
      const dw = new Float64Array(to * from), db = new Float64Array(to);
      for (let r = 0; r < n; r++) for (let j = 0; j < to; j++) {
        const d = delta[r * to + j];
        db[j] += d;
        for (let i = 0; i < from; i++) {
          dw[j * from + i] += d * a[l - 1][r * from + i];
          back[r * from + i] += d * w[l][j * from + i];
        }
      }
      if (l > 1) delta = back.map((d, k) => d * slope(a[l - 1][k], z[l - 1][k]));
      w[l].forEach((_, k) => { w[l][k] -= RATES[rate] * dw[k]; });
      b[l].forEach((_, k) => { b[l][k] -= RATES[rate] * db[k]; });
    }
  };

  const group = name => {
    const row = make('div', root, { className: 'controls' });
    row.setAttribute('role', 'group'); row.setAttribute('aria-label', name);
    return row;
  };
  const choice = (row, names, now, change) => {
    const buttons = names.map((name, i) => make('button', row, {
      type: 'button', textContent: name,
      onclick: () => { buttons.forEach((other, k) => press(other, k === i)); change(i); again(); },
    }));
    buttons.forEach((button, i) => press(button, i === now));
  };
  const slider = (row, text, min, max, now, shown, change) => {
    const label = make('label', row);
    label.style.flex = '1 1 9rem';
    make('span', label, { textContent: text });
    const input = make('input', label, { type: 'range', min, max, step: 1, value: now });
    const number = make('span', label, { className: 'number' });
    const tell = () => { number.textContent = shown(+input.value); input.setAttribute('aria-valuetext', shown(+input.value)); };
    input.setAttribute('aria-label', text);
    input.addEventListener('input', () => { tell(); change(+input.value); });
    tell();
  };

  choice(group('data'), data.sets.map(s => s.name), set, i => { set = i; });
  const names = Object.keys(ACTIVATIONS);
  choice(group('activation'), names, names.indexOf(activation), i => { activation = names[i]; });
  const size = group('network');
  slider(size, 'width', 1, 8, width, String, v => { width = v; again(); });
  slider(size, 'depth', 1, 3, depth, String, v => { depth = v; again(); });
  slider(size, 'rate', 0, RATES.length - 1, rate, v => String(RATES[v]), v => { rate = v; draw(); });
  const run = group('training');
  const button = (text, onclick) => make('button', run, { type: 'button', textContent: text, onclick });
  const play = button('play', () => { timer ? stop() : begin(); });
  button('1 step', () => { stop(); advance(1); });
  button('100 steps', () => { stop(); advance(100); });
  button('back to the start', () => again());
  button('other weights', () => { seed = (seed + 1) % data.normals.length; again(); });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  const panes = make('div', root);
  panes.style.cssText = 'display:flex;flex-wrap:wrap;gap:.8rem;justify-content:center';
  const left = make('div', panes), right = make('div', panes);
  left.style.flex = '1 1 16rem'; right.style.flex = '1 1 14rem';
  const picture = make('canvas', left, { width: 448, height: 448 });
  picture.style.cursor = 'default'; picture.setAttribute('role', 'img');
  const title = make('p', left, { className: 'readout' }), units = make('div', right);
  const chart = shape('svg', right, { viewBox: '0 0 240 120', role: 'img' });
  shape('path', chart, { d: 'M34 8V98H236', fill: 'none', stroke: 'currentColor', 'stroke-opacity': 0.5 });
  const curve = shape('polyline', chart, { fill: 'none', stroke: 'var(--dl-blue, #0072b2)', 'stroke-width': 2 });
  shape('text', chart, { x: 30, y: 102, 'text-anchor': 'end', 'font-size': 11 }, '0');
  const high = shape('text', chart, { x: 30, y: 16, 'text-anchor': 'end', 'font-size': 11 });
  const last = shape('text', chart, { x: 236, y: 114, 'text-anchor': 'end', 'font-size': 11 });
  shape('text', chart, { x: 34, y: 114, 'font-size': 11 }, 'loss by step');

  const placesOf = side => Float64Array.from({ length: 2 * side * side }, (_, k) => {
    const column = (k >> 1) % side, row = Math.floor((k >> 1) / side);
    return k % 2 ? (1 - (row + 0.5) * 2 / side) * REACH : ((column + 0.5) * 2 / side - 1) * REACH;
  });
  const places = placesOf(GRID), fewPlaces = placesOf(SMALL);
  const paint = (canvas, value) => { // value in [-1, 1]: blue, white, orange
    const side = canvas.width, image = new ImageData(side, side);
    for (let k = 0; k < side * side; k++) {
      const t = value(k), colour = t > 0 ? ORANGE : BLUE;
      for (let c = 0; c < 3; c++) image.data[4 * k + c] = 255 - 0.8 * Math.abs(t) * (255 - colour[c]);
      image.data[4 * k + 3] = 255;
    }
    canvas.getContext('2d').putImageData(image, 0, 0);
  };
  const border = (paper, value, side) => { // where the value is 0, between the places of the grid
    const scale = paper.canvas.width / side;
    paper.beginPath();
    for (let k = 0; k < side * (side - 1); k++) if ((k + 1) % side) {
      const corners = [k, k + 1, k + side + 1, k + side], ends = [];
      corners.forEach((from, i) => {
        const to = corners[(i + 1) % 4], a = value(from), b = value(to), t = a / (a - b);
        if (a > 0 !== b > 0) ends.push([from % side + t * (to % side - from % side) + 0.5,
          Math.floor(from / side) + t * (Math.floor(to / side) - Math.floor(from / side)) + 0.5]);
      });
      ends.forEach(([x, y], i) => paper[i % 2 ? 'lineTo' : 'moveTo'](x * scale, y * scale));
    }
    paper.strokeStyle = '#282828'; paper.lineWidth = 3; paper.stroke();
  };
  const buffer = Object.assign(document.createElement('canvas'), { width: GRID, height: GRID });
  const pen = picture.getContext('2d'), pixel = v => (v / REACH + 1) * 224;
  const line = (p, q, c) => { // p x + q y + c = 0, drawn across the picture
    const size = Math.hypot(p, q);
    if (!size) return;
    const x = -p * c / size ** 2, y = -q * c / size ** 2, dx = -q / size * 9 * REACH, dy = p / size * 9 * REACH;
    pen.beginPath(); pen.moveTo(pixel(x - dx), 448 - pixel(y - dy)); pen.lineTo(pixel(x + dx), 448 - pixel(y + dy)); pen.stroke();
  };
  const points = () => data.sets[set].points.forEach(([x, y], r) => {
    pen.beginPath();
    if (labels[r]) pen.rect(pixel(x) - 4.5, 448 - pixel(y) - 4.5, 9, 9); else pen.arc(pixel(x), 448 - pixel(y), 5, 0, 7);
    pen.fillStyle = labels[r] ? '#a86f00' : '#0072B2'; pen.fill();
    pen.strokeStyle = 'white'; pen.lineWidth = 1.5; pen.stroke();
  });
  const same = (u, v) => u && v && u[0] === v[0] && u[1] === v[1];
  const seen = (grid, l, j) => { // one hidden unit as a function of the place, scaled to [-1, 1]
    const wide = sizes[l], full = ACTIVATIONS[activation][2];
    let top = full;
    if (!full) for (let k = j; k < grid.a[l].length; k += wide) top = Math.max(top, Math.abs(grid.a[l][k]));
    return [k => grid.a[l][k * wide + j] / (top || 1), k => grid.z[l][k * wide + j]];
  };
  const build = () => {
    units.replaceChildren();
    for (let l = 1; l < sizes.length - 1; l++) {
      make('div', units, { textContent: `hidden layer ${l}` }).style.fontSize = '.9em';
      const row = make('div', units);
      row.style.cssText = 'display:grid;grid-template-columns:repeat(auto-fill,3.2rem);gap:3px;margin-bottom:.3rem';
      for (let j = 0; j < sizes[l]; j++) {
        const tile = make('button', row, { type: 'button' });
        tile.style.cssText = 'padding:2px;position:relative';
        tile.onclick = () => { chosen = same(chosen, [l, j]) ? null : [l, j]; draw(); };
        tile.paper = make('canvas', tile, { width: SMALL, height: SMALL });
        tile.paper.style.cssText = 'cursor:pointer;pointer-events:none';
        tile.mark = make('span', tile);
        tile.mark.style.cssText = 'position:absolute;inset:0;color:#b00000;font:bold 2rem/3rem sans-serif;pointer-events:none';
        tile.unit = [l, j];
      }
    }
  };
  const draw = () => {
    const { z, a } = forward(inputs), grid = forward(places), few = forward(fewPlaces), n = labels.length, loss = lossOf(z.at(-1));
    const dead = [];
    for (const tile of units.querySelectorAll('button')) {
      const [l, j] = tile.unit, on = labels.some((_, r) => z[l][r * sizes[l] + j] > 0);
      const isDead = activation === 'relu' && !on;
      if (isDead) dead.push([l, j]);
      const [value, sign] = seen(few, l, j);
      paint(tile.paper, value);
      border(tile.paper.getContext('2d'), sign, SMALL);
      tile.mark.textContent = isDead ? '✕' : '';
      tile.setAttribute('aria-label', `hidden layer ${l}, unit ${j + 1}${isDead ? ', dead' : ''}`);
      tile.setAttribute('aria-pressed', Boolean(same(chosen, [l, j])));
      tile.style.outline = same(chosen, [l, j]) ? '3px solid #E69F00' : '';
    }
    const logits = grid.z.at(-1);
    const [value, sign] = chosen ? seen(grid, ...chosen) : [k => 2 * sigmoid(logits[k]) - 1, k => logits[k]];
    paint(buffer, value);
    pen.drawImage(buffer, 0, 0, 448, 448);
    border(pen, sign, GRID);
    pen.setLineDash([7, 6]); pen.strokeStyle = '#555'; pen.lineWidth = 1.5;
    if (!chosen) for (let j = 0; j < sizes[1]; j++) line(w[1][2 * j], w[1][2 * j + 1], b[1][j]);
    pen.setLineDash([]);
    points();
    const wrong = z.at(-1).reduce((sum, o, r) => sum + ((o > 0 ? 1 : 0) !== labels[r]), 0);
    const far = !Number.isFinite(loss);
    if (far) stop();
    title.textContent = chosen ? `Hidden layer ${chosen[0]}, unit ${chosen[1] + 1}: its value over the plane`
      : 'The answer; dashed, where a unit of layer 1 has z = 0';
    picture.setAttribute('aria-label', chosen ? title.textContent
      : `${data.alt} Now ${wrong} of ${n} points lie on the wrong side of the border.`);
    readout.textContent = `step ${losses.length} · ` + (far ? 'the loss is no longer finite: the rate is too large'
      : `loss ${loss.toFixed(4)} · ${wrong} of ${n} wrong` + (dead.length ? ` · dead units: ${dead.length}` : ''));
    const all = [...losses, loss].filter(Number.isFinite), top = Math.max(0.7, ...all.slice(-2000), all[0] || 0);
    const pick = Math.max(1, Math.ceil(all.length / 400)), shown = all.filter((_, k) => k % pick === 0 || k === all.length - 1);
    curve.setAttribute('points', shown.map((v, k) =>
      `${34 + 202 * k / Math.max(1, shown.length - 1)},${98 - 88 * Math.min(v, top) / top}`).join(' '));
    high.textContent = top.toFixed(1); last.textContent = losses.length;
    chart.setAttribute('aria-label', `The loss over ${losses.length} steps, now ${loss.toFixed(3)}.`);
    root.state = { set: data.sets[set].name, activation, sizes, seed, rate: RATES[rate], step: losses.length, loss, wrong, dead,
      losses, chosen, params: w.slice(1).flatMap((v, l) => [[...v], [...b[l + 1]]]) };
  };

  const advance = steps => { for (let k = 0; k < steps; k++) step(); draw(); };
  const stop = () => {
    clearInterval(timer); timer = null; play.textContent = 'play';
    readout.setAttribute('aria-live', 'polite');
  };
  const begin = () => {
    play.textContent = 'pause'; readout.setAttribute('aria-live', 'off');
    timer = setInterval(() => { if (root.isConnected) advance(20); else stop(); }, 50);
  };
  const again = () => { stop(); restart(); build(); draw(); };
  again();
}
