(root, data, { make }) => {
  // Rosenblatt's rule as in dlcore.scratch.perceptron; v = (w1, w2, b) meets the point (x1, x2, 1).
  const SIDE = 480, [LOW, HIGH] = data.view, SPAN = HIGH - LOW, TALL = 230, GRID = 16;
  const BLUE = data.colours[0], ORANGE = data.colours[1], GREEN = data.colours[2];
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const minus = (a, b) => a.map((value, i) => value - b[i]);
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const length = v => Math.sqrt(dot(v, v));
  const number = v => `${+v.toFixed(3)}`.replace('-', '−');
  const tuple = v => `(${v.map(number).join(', ')})`;

  let set, points, labels, v, at, mistakes, lengths, seen, cycle, done, best, said, timer = null, chosen = -1;
  const signed = () => points.map(([x, y], i) => labels[i] ? [x, y, 1] : [-x, -y, -1]);
  // The widest margin: its v is the point nearest to 0 of the convex hull of the signed points, so it
  // lies on a corner, an edge or a face, and is the candidate with the largest margin of them all.
  const widest = () => {
    const z = signed();
    let gamma = 0, found = null;
    const offer = u => {
      const size = length(u);
      if (!(size > 1e-9)) return;
      let least = Infinity;
      for (const other of z) { least = Math.min(least, dot(u, other) / size); if (least <= gamma) return; }
      if (least > 1e-9) { gamma = least; found = u; }
    };
    for (let i = 0; i < z.length; i++) {
      offer(z[i]);
      for (let j = 0; j < i; j++) {
        const d = minus(z[j], z[i]), t = -dot(z[i], d) / dot(d, d);
        offer(z[i].map((value, c) => value + t * d[c]));
        for (let k = 0; k < j; k++) {
          const normal = cross(d, minus(z[k], z[i])), side = Math.sign(dot(normal, z[i]));
          offer(normal.map(value => side * value));
        }
      }
    }
    const radius = Math.sqrt(Math.max(...z.map(u => dot(u, u))));
    return { v: found, gamma, radius, bound: found ? (radius / gamma) ** 2 : Infinity };
  };
  const again = () => {
    v = [0, 0, 0]; at = 0; mistakes = []; lengths = [0]; seen = ['0,0,0']; cycle = null; done = false;
    best = widest(); said = 'All weights are zero, so every answer is 0.';
  };
  const look = () => {
    if (done) return;
    const n = points.length, i = at % n, x = [...points[i], 1];
    if (i === 0) mistakes.push(0);
    const guess = dot(v, x) > 0 ? 1 : 0, error = labels[i] - guess;
    said = `Point ${tuple(points[i])} should be ${labels[i]}, answer ${guess}: `;
    if (error) {
      v = v.map((value, c) => value + error * x[c]);
      mistakes[mistakes.length - 1]++;
      lengths.push(length(v));
      said += `${error > 0 ? 'add' : 'subtract'} ${tuple(x)}.`;
    } else said += 'nothing to do.';
    if (++at % n) return;
    done = mistakes[mistakes.length - 1] === 0;
    if (done) said = 'An epoch without a mistake: it has learned them all, and stops.';
    else if (cycle === null && seen.includes(`${v}`)) cycle = [mistakes.length, seen.lastIndexOf(`${v}`)];
    seen.push(`${v}`);
  };

  const row = () => make('div', root, { className: 'controls' });
  const button = (parent, text, onclick) => make('button', parent, { type: 'button', textContent: text, onclick });
  const choices = row(), canvas = make('canvas', root, { width: SIDE, height: SIDE });
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', `${data.alt} Keys: n and p choose a point, arrows move it, f flips its class.`);
  const controls = row(), [score, readout, message] = [0, 1, 2].map(() => make('p', root, { className: 'readout' }));
  message.setAttribute('aria-live', 'polite');
  message.style.minHeight = '3em';
  const chart = make('canvas', root, { width: SIDE, height: TALL });
  chart.setAttribute('role', 'img');
  chart.style.cursor = 'default';
  const pen = canvas.getContext('2d'), ink = chart.getContext('2d');
  const px = x => (x - LOW) / SPAN * SIDE, py = y => SIDE - (y - LOW) / SPAN * SIDE;

  const stroke = (ends, colour, width, dash = []) => {
    pen.beginPath(); pen.setLineDash(dash); pen.strokeStyle = colour; pen.lineWidth = width;
    ends.forEach(([x, y], i) => pen[i ? 'lineTo' : 'moveTo'](px(x), py(y)));
    pen.stroke(); pen.setLineDash([]);
  };
  const MIDDLE = (LOW + HIGH) / 2;
  const foot = u => {  // of the middle of the picture on the line u, and the unit normal
    const size = Math.hypot(u[0], u[1]), normal = [u[0] / size, u[1] / size];
    const off = (u[0] * MIDDLE + u[1] * MIDDLE + u[2]) / size;
    return { normal, on: [MIDDLE - off * normal[0], MIDDLE - off * normal[1]] };
  };
  const along = ({ normal: [a, b], on: [x, y] }, t) => [x - t * b, y + t * a];
  const plane = () => {
    pen.fillStyle = v[2] > 0 ? '#fbeccc' : '#d9eaf5';
    pen.fillRect(0, 0, SIDE, SIDE);
    if (v[0] || v[1]) {
      const line = foot(v), far = 3 * SPAN, [a, b] = line.normal;
      const corners = [along(line, -far), along(line, far)];
      for (const [side, colour] of [[far, '#fbeccc'], [-far, '#d9eaf5']]) {
        pen.beginPath(); pen.fillStyle = colour;
        [...corners, ...corners.map(([x, y]) => [x + side * a, y + side * b]).reverse()].forEach(([x, y], i) => pen[i ? 'lineTo' : 'moveTo'](px(x), py(y)));
        pen.fill();
      }
      if (best.v && (best.v[0] || best.v[1])) { const wide = foot(best.v); stroke([along(wide, -far), along(wide, far)], '#555', 1.5, [6, 6]); }
      stroke(corners, 'black', 3);
      const reach = Math.min(1, Math.hypot(v[0], v[1]) / 2), tip = [line.on[0] + reach * a, line.on[1] + reach * b];
      stroke([line.on, tip], 'black', 3);
      for (const s of [-1, 1]) stroke([tip, [tip[0] - .12 * a + s * .08 * b, tip[1] - .12 * b - s * .08 * a]], 'black', 3);
      pen.fillStyle = 'black'; pen.font = 'italic bold 20px serif'; pen.fillText('w', px(tip[0] + .12 * a) - 6, py(tip[1] + .12 * b) + 6);
    } else if (best.v && (best.v[0] || best.v[1])) { const wide = foot(best.v); stroke([along(wide, -9), along(wide, 9)], '#555', 1.5, [6, 6]); }
  };
  const dots = () => points.forEach(([x, y], i) => {
    const wrong = (dot(v, [x, y, 1]) > 0 ? 1 : 0) !== labels[i];
    pen.beginPath();
    if (labels[i]) pen.rect(px(x) - 8, py(y) - 8, 16, 16); else pen.arc(px(x), py(y), 9, 0, 7);
    pen.fillStyle = labels[i] ? ORANGE : BLUE; pen.fill();
    pen.strokeStyle = i === chosen ? 'black' : 'white'; pen.lineWidth = i === chosen ? 3.5 : 1.5; pen.stroke();
    if (wrong) for (const s of [-1, 1]) {
      pen.beginPath(); pen.strokeStyle = 'black'; pen.lineWidth = 2.5;
      pen.moveTo(px(x) - 5, py(y) - 5 * s); pen.lineTo(px(x) + 5, py(y) + 5 * s); pen.stroke();
    }
    if (at && i === (at - 1) % points.length) { pen.beginPath(); pen.strokeStyle = 'black'; pen.lineWidth = 2; pen.arc(px(x), py(y), 17, 0, 7); pen.stroke(); }
  });
  const growth = () => {
    const k = lengths.length - 1, wide = Math.max(6, k), top = 1.1 * Math.max(best.radius * Math.sqrt(wide), best.gamma * wide);
    const X = i => 50 + i / wide * (SIDE - 66), Y = value => TALL - 40 - value / top * (TALL - 52);
    const curve = (f, colour, width, dash, step) => {
      ink.beginPath(); ink.strokeStyle = colour; ink.lineWidth = width; ink.setLineDash(dash);
      for (let i = 0; i <= wide + 1e-9; i += step) ink[i ? 'lineTo' : 'moveTo'](X(i), Y(f(i)));
      ink.stroke(); ink.setLineDash([]);
    };
    ink.fillStyle = 'white'; ink.fillRect(0, 0, SIDE, TALL);
    ink.fillStyle = 'black'; ink.font = '17px sans-serif'; ink.textAlign = 'left';
    ink.fillText(`mistakes k, now ${k}`, 190, TALL - 6);
    ink.fillText('0', 38, TALL - 22); ink.textAlign = 'right'; ink.fillText(wide, SIDE - 8, TALL - 22);
    ink.textAlign = 'left';
    ink.strokeStyle = 'black'; ink.lineWidth = 1; ink.strokeRect(50, 12, SIDE - 66, TALL - 52);
    curve(i => best.radius * Math.sqrt(i), '#b06f00', 2, [7, 5], wide / 200);
    if (best.v) curve(i => best.gamma * i, '#007a5c', 2, [2, 4], wide);
    ink.beginPath(); ink.strokeStyle = BLUE; ink.lineWidth = 3;
    lengths.forEach((value, i) => ink[i ? 'lineTo' : 'moveTo'](X(i), Y(value)));
    ink.stroke();
    ink.fillStyle = '#8a5700'; ink.fillText('R √k', 58, 32);
    ink.fillStyle = BLUE; ink.fillText('length ‖v‖', 122, 32);
    ink.fillStyle = '#006b50'; ink.fillText(best.v ? 'γ k' : 'no γ', 230, 32);
    chart.setAttribute('aria-label', `The length of v = (w, b) over the number of mistakes: ${number(lengths[k])} after ${k}.`);
  };
  const draw = () => {
    plane(); dots(); growth();
    const wrong = points.filter((p, i) => (dot(v, [...p, 1]) > 0 ? 1 : 0) !== labels[i]).length;
    const total = lengths.length - 1;
    score.textContent = `${total} mistake${total === 1 ? '' : 's'} so far. `
      + (best.v ? `No run can make more than (R/γ)² = ${number(+best.bound.toFixed(1))}.` : 'No line separates these: γ = 0, no bound.');
    readout.textContent = `w = ${tuple(v.slice(0, 2))}, b = ${number(v[2])} · epoch ${mistakes.length}, look ${at} · ${wrong} of ${points.length} wrong now`;
    message.setAttribute('aria-live', timer ? 'off' : 'polite');
    message.textContent = said + (cycle ? ` After epoch ${cycle[0]} the weights were the same as after epoch ${cycle[1]}: it goes round for ever.` : '');
    flip.disabled = chosen < 0;
    choices.childNodes.forEach((node, i) => {
      node.setAttribute('aria-pressed', i === set);
      node.style.boxShadow = i === set ? 'inset 0 -3px 0 var(--dl-blue, #0072b2)' : '';
    });
    root.state = { v, mistakes, looks: at, done, cycle, gamma: best.gamma, radius: best.radius,
      bound: best.v ? best.bound : null, widest: best.v, wrong, lengths, points, labels, chosen };
  };

  const stop = () => { clearTimeout(timer); timer = null; run.textContent = 'run'; };
  const edited = () => { stop(); again(); draw(); };
  const load = i => {
    set = i; chosen = -1;
    points = data.sets[i].points.map(p => [...p]); labels = [...data.sets[i].labels];
    edited();
  };
  data.sets.forEach(({ name }, i) => button(choices, name, () => load(i)));
  button(controls, 'one look', () => { stop(); look(); draw(); });
  button(controls, 'one epoch', () => { stop(); do look(); while (at % points.length && !done); draw(); });
  const tick = () => {
    look();
    timer = done ? null : setTimeout(tick, at < 24 ? 350 : 60);
    if (done) stop();
    draw();
  };
  const run = button(controls, 'run', () => {
    if (timer) { stop(); return draw(); }
    if (done) again();
    run.textContent = 'pause'; timer = setTimeout(tick, 0);
  });
  button(controls, 'weights to zero', edited);
  button(controls, 'shuffle the order', () => {
    for (let i = points.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [points[i], points[j]] = [points[j], points[i]]; [labels[i], labels[j]] = [labels[j], labels[i]];
    }
    chosen = -1; edited();
  });
  const flip = button(controls, 'flip the chosen point', () => { if (chosen >= 0) { labels[chosen] = 1 - labels[chosen]; edited(); } });
  button(controls, 'put the points back', () => load(set));

  const snap = value => Math.round(Math.max(LOW, Math.min(HIGH, value)) * GRID) / GRID;
  const place = event => {
    const box = canvas.getBoundingClientRect();
    return [LOW + (event.clientX - box.left) / box.width * SPAN, HIGH - (event.clientY - box.top) / box.height * SPAN];
  };
  const nearest = ([x, y]) => {
    const far = points.map(p => Math.hypot(p[0] - x, p[1] - y)), near = Math.min(...far);
    return near < SPAN / 18 ? far.indexOf(near) : -1;
  };
  let held = -1;
  canvas.addEventListener('pointerdown', event => {
    held = chosen = nearest(place(event));
    if (held >= 0) canvas.setPointerCapture(event.pointerId);
    draw();
  });
  canvas.addEventListener('pointermove', event => {
    if (held < 0) return;
    const to = place(event).map(snap);
    if (`${to}` !== `${points[held]}`) { points[held] = to; edited(); }
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { held = -1; });
  // A finger on a point drags it; anywhere else it scrolls the page.
  canvas.addEventListener('touchstart', event => { if (nearest(place(event.touches[0])) >= 0) event.preventDefault(); }, { passive: false });
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  canvas.addEventListener('keydown', event => {
    const step = { n: 1, p: -1 }[event.key];
    if (step) { chosen = chosen < 0 && step < 0 ? points.length - 1 : (chosen + step + points.length) % points.length; draw(); }
    else if (event.key === 'f' && chosen >= 0) { labels[chosen] = 1 - labels[chosen]; edited(); }
    else if (arrows[event.key] && chosen >= 0) {
      points[chosen] = points[chosen].map((value, c) => snap(value + arrows[event.key][c] / 8));
      edited();
    } else return;
    event.preventDefault(); event.stopPropagation();
  });
  load(0);
}
