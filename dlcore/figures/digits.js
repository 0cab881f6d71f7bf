(root, data, kit) => {
  // dlcore.figures.digits.drawn and dlcore.scratch.mlp: strokes, 64 pixels, hidden units, ten shares.
  const CELLS = data.cells, EDGE = data.edge, BLOCK = CELLS / EDGE, PEN = data.pen, SIDE = 320, STEP = 1 / 20;
  const drawn = strokes => {
    const points = strokes.flat(), xs = points.map(p => p[0]), ys = points.map(p => p[1]);
    const left = Math.min(...xs), right = Math.max(...xs), top = Math.min(...ys), bottom = Math.max(...ys);
    const room = CELLS - 2 * PEN, wide = Math.max(right - left, 1e-9), high = Math.max(bottom - top, 1e-9);
    const down = Math.min(room / high, 4 * room), across = Math.min(down, (data.widest - 2 * PEN) / wide);
    const black = new Uint8Array(CELLS * CELLS);
    const place = ([x, y]) => [(x - (left + right) / 2) * across + CELLS / 2, (y - (top + bottom) / 2) * down + CELLS / 2];
    for (const stroke of strokes) {
      const s = stroke.map(place), ends = s.length > 1 ? s.slice(1) : s;
      ends.forEach((b, k) => {
        const a = s[k], dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy;
        for (let i = 0; i < CELLS; i++) for (let j = 0; j < CELLS; j++) {
          const x = j + 0.5, y = i + 0.5;
          const t = Math.min(Math.max(((x - a[0]) * dx + (y - a[1]) * dy) / (length > 0 ? length : 1), 0), 1);
          const u = x - (a[0] + t * dx), v = y - (a[1] + t * dy);
          if (u * u + v * v <= PEN * PEN) black[i * CELLS + j] = 1;
        }
      });
    }
    const pixels = new Array(EDGE * EDGE).fill(0);
    black.forEach((on, k) => { pixels[Math.floor(k / CELLS / BLOCK) * EDGE + Math.floor(k % CELLS / BLOCK)] += on / (BLOCK * BLOCK); });
    return pixels;
  };
  const layer = (w, b, a) => w.map((row, k) => row.reduce((sum, v, j) => sum + v * a[j], 0) + b[k]);
  const softmax = o => {
    const top = Math.max(...o), e = o.map(v => Math.exp(v - top)), total = e.reduce((a, b) => a + b, 0);
    return e.map(v => v / total);
  };

  const make = (tag, parent, set = {}, css = '') => {
    const node = kit.make(tag, parent, set);
    node.style.cssText = css;
    return node;
  };
  const panes = make('div', root, {}, 'display:flex;flex-wrap:wrap;gap:1rem;justify-content:center;align-items:flex-start');
  const left = make('div', panes, {}, 'flex:0 1 15rem'), middle = make('div', panes, {}, 'flex:0 0 6.5rem');
  const right = make('div', panes, {}, 'flex:1 1 9.5rem;min-width:9rem');
  const pad = make('canvas', left, { width: SIDE, height: SIDE, tabIndex: 0 },
    'touch-action:none;cursor:crosshair;background:white;border:1px solid #888;box-sizing:border-box');
  pad.setAttribute('role', 'application');
  pad.setAttribute('aria-label', 'Pad. Keys: arrows move the pen, space puts it down or lifts it, backspace takes the last stroke away.');
  const small = 'margin:0;font-size:.85em';
  make('p', middle, { textContent: 'what the net sees', className: 'readout' }, small);
  const seen = make('canvas', middle, { width: 96, height: 96 }, 'cursor:default;border:1px solid #888;box-sizing:border-box');
  make('p', middle, { textContent: `${data.b.length} hidden units`, className: 'readout' }, small + ';margin-top:.5rem');
  const units = make('canvas', middle, { width: 96, height: 48 }, 'cursor:default;border:1px solid #888;box-sizing:border-box');
  [seen, units].forEach(canvas => canvas.setAttribute('role', 'img'));
  const bars = Array.from({ length: 10 }, (_, k) => {
    const row = make('div', right, {}, 'display:grid;grid-template-columns:1rem 1fr 3.6rem;gap:.5rem;align-items:center;line-height:1.45');
    make('span', row, { textContent: k });
    const bar = make('div', row, { className: 'bar' });
    return [bar, make('span', row, { className: 'number' })];
  });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');
  const tools = make('div', root, { className: 'controls' });
  const button = (row, text, onclick) => make('button', row, { type: 'button', textContent: text, onclick });
  const picks = make('div', root, { className: 'controls' }, 'gap:.5rem');
  picks.setAttribute('role', 'group'); picks.setAttribute('aria-label', 'digits of the test set');
  make('span', picks, { textContent: 'test digits:' });

  let strokes = [], sample = null, pen = [0.5, 0.3], down = false, held = false;
  const turn = new Array(10).fill(-1);
  const ink = pad.getContext('2d');
  const grid = (canvas, values, columns) => {
    const brush = canvas.getContext('2d'), size = canvas.width / columns;
    values.forEach((v, k) => {
      brush.fillStyle = `rgb(${[255, 255, 255].map(c => Math.round(c * (1 - v)))})`;
      brush.fillRect(k % columns * size, Math.floor(k / columns) * size, size, size);
    });
  };
  const sketch = () => {
    ink.clearRect(0, 0, SIDE, SIDE);
    if (sample) {
      grid(pad, sample.map(v => 0.6 * v / 16), EDGE);
    }
    ink.lineWidth = 2 * PEN / CELLS * SIDE * 0.75; ink.lineCap = ink.lineJoin = 'round'; ink.strokeStyle = '#222';
    for (const stroke of strokes) {
      ink.beginPath();
      stroke.forEach(([x, y], k) => (k ? ink.lineTo(x * SIDE, y * SIDE) : ink.moveTo(x * SIDE, y * SIDE)));
      if (stroke.length === 1) ink.lineTo(stroke[0][0] * SIDE + 0.01, stroke[0][1] * SIDE);
      ink.stroke();
    }
    if (document.activeElement === pad && !held) {
      ink.beginPath(); ink.arc(pen[0] * SIDE, pen[1] * SIDE, 9, 0, 7);
      ink.lineWidth = 3; ink.strokeStyle = '#E69F00'; ink.stroke();
      if (down) { ink.fillStyle = '#E69F00'; ink.fill(); }
    }
  };
  const draw = () => {
    const blank = !strokes.length && !sample;
    const pixels = blank ? new Array(EDGE * EDGE).fill(0) : sample && !strokes.length ? sample.map(v => v / 16) : drawn(strokes);
    const hidden = layer(data.w, data.b, pixels).map(v => Math.max(v, 0)), logits = layer(data.v, data.c, hidden);
    const p = softmax(logits), best = p.indexOf(Math.max(...p));
    sketch(); grid(seen, pixels, EDGE);
    grid(units, hidden.map(v => v / Math.max(...hidden, 1e-9)), EDGE);
    seen.setAttribute('aria-label', `The drawing on 8 by 8 pixels, ${Math.round(100 * pixels.reduce((a, b) => a + b, 0) / 64)} % black.`);
    units.setAttribute('aria-label', `Hidden units: ${hidden.filter(v => v > 0).length} of ${hidden.length} are active.`);
    bars.forEach(([bar, number], k) => {
      bar.style.width = `${100 * p[k]}%`;
      bar.style.background = k === best ? 'var(--dl-blue, #0072b2)' : 'color-mix(in srgb, currentColor 45%, transparent)';
      number.textContent = `${(100 * p[k]).toFixed(1)} %`;
    });
    const what = `the net says ${best}, ${(100 * p[best]).toFixed(1)} % sure`;
    readout.textContent = blank ? `nothing drawn, and yet ${what}` : sample ? `a ${root.digit} of the test set: ${what}` : what;
    root.state = { strokes, pixels, hidden, logits, p, answer: best, sample: sample ? root.digit : null, down };
  };
  const fresh = () => { if (sample) { sample = null; strokes = []; } };
  const begin = point => { fresh(); strokes.push([point]); };
  const extend = point => {
    const last = strokes.at(-1).at(-1);
    if (last[0] !== point[0] || last[1] !== point[1]) strokes.at(-1).push(point);
  };
  const clear = () => { strokes = []; sample = null; down = false; draw(); };
  const undo = () => { fresh(); strokes.pop(); down = false; draw(); };
  button(tools, 'clear', clear); button(tools, 'take back a stroke', undo);
  data.samples.forEach((images, digit) => {
    const pick = button(picks, String(digit), () => {
      turn[digit] = (turn[digit] + 1) % images.length;
      sample = images[turn[digit]]; root.digit = digit; strokes = []; down = false; draw();
    });
    pick.setAttribute('aria-label', `next ${digit} of the test set`);
  });

  const inside = v => Math.min(1, Math.max(0, v));
  const place = event => {
    const box = pad.getBoundingClientRect();
    return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
  };
  pad.addEventListener('pointerdown', event => { held = true; down = false; pad.setPointerCapture(event.pointerId); begin(place(event)); draw(); });
  pad.addEventListener('pointermove', event => { if (held) { extend(place(event)); draw(); } });
  for (const end of ['pointerup', 'pointercancel']) pad.addEventListener(end, () => { held = false; });
  for (const change of ['focus', 'blur']) pad.addEventListener(change, sketch);
  const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  pad.addEventListener('keydown', event => {
    if (arrows[event.key]) {
      pen = [0, 1].map(k => inside(pen[k] + arrows[event.key][k]));
      if (down) extend(pen);
    } else if (event.key === ' ') {
      down = !down;
      if (down) begin(pen);
    } else if (event.key === 'Backspace') undo();
    else return;
    event.preventDefault(); event.stopPropagation(); draw();
  });
  draw();
}
