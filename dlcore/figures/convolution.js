(root, data, { make }) => {
  // dlcore.scratch.convolution.conv2d with one channel, a 3 by 3 kernel and padding "same".
  const BLUE = [0, 114, 178], ORANGE = [230, 159, 0], CELL = 16, BRUSH = 0.6;
  const names = Object.keys(data.pictures), presets = Object.keys(data.kernels);
  let picture, kernel, map, row, column, drawing = false, pressed = false;

  const convolve = () => picture.map((line, i) => line.map((_, j) => {
    let sum = 0;
    for (let k = 0; k < 3; k++) for (let l = 0; l < 3; l++) sum += kernel[k][l] * (picture[i + k - 1]?.[j + l - 1] ?? 0);
    return sum;
  }));
  const clamp = (v, size) => Math.max(0, Math.min(size - 1, v));
  const short = v => String(+v.toFixed(2)).replace('-', '−');

  const top = make('div', root, { className: 'controls' });
  const choose = (text, options, change) => {
    const pick = make('select', make('label', top, { textContent: text }));
    pick.style.cssText = 'font:inherit;color:inherit;background:transparent;border:1px solid currentColor;border-radius:.3rem;padding:.15rem';
    for (const name of options) make('option', pick, { textContent: name, value: name }).style.cssText = 'color:black;background:white';
    pick.setAttribute('aria-label', text.trim());
    pick.addEventListener('change', () => change(pick.value));
    return pick;
  };
  const pickPicture = choose('picture ', names, name => { load(name); draw(); });
  const pickKernel = choose('kernel ', [...presets, 'your own'], name => { if (name in data.kernels) { setKernel(data.kernels[name]); draw(); } });

  const stage = make('div', root);
  stage.style.cssText = 'display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.8rem;align-items:start';
  const panel = title => {
    const box = make('div', stage);
    make('div', box, { textContent: title }).style.cssText = 'font-size:.9em;text-align:center;margin-bottom:.2rem';
    return box;
  };
  const paper = (box, interactive) => {
    const canvas = make('canvas', box);
    canvas.style.cssText = 'width:100%;image-rendering:pixelated;background:white';
    canvas.setAttribute('role', interactive ? 'application' : 'img');
    if (interactive) canvas.tabIndex = 0;
    return canvas;
  };
  const left = paper(panel('picture'), true);
  const middle = panel('kernel');
  const grid = make('div', middle);
  grid.style.cssText = 'display:grid;grid-template-columns:repeat(3,1fr);gap:3px;max-width:11rem;margin:0 auto';
  const cells = Array.from({ length: 9 }, (_, n) => {
    const input = make('input', grid, { type: 'number', step: 0.5 });
    input.style.cssText = 'width:100%;min-width:0;box-sizing:border-box;font:inherit;text-align:center;padding:.3rem 0;border:1px solid currentColor;border-radius:.2rem;color:black;appearance:textfield;-moz-appearance:textfield';
    input.setAttribute('aria-label', `kernel, row ${Math.floor(n / 3) + 1}, column ${n % 3 + 1}`);
    input.addEventListener('input', () => {
      if (!Number.isFinite(input.valueAsNumber)) { note.textContent = 'Type a number; until then the kernel keeps its last one.'; return; }
      kernel[Math.floor(n / 3)][n % 3] = input.valueAsNumber;
      pickKernel.value = 'your own'; draw();
    });
    return input;
  });
  const turn = make('button', middle, { type: 'button', textContent: 'turn by 90°', onclick: () => {
    setKernel([0, 1, 2].map(i => [0, 1, 2].map(j => kernel[2 - j][i]))); pickKernel.value = 'your own'; draw();
  } });
  turn.style.cssText = 'display:block;margin:.5rem auto 0';
  const right = paper(panel('feature map'), false);

  const tools = make('div', root, { className: 'controls' });
  const button = (textContent, onclick) => make('button', tools, { type: 'button', textContent, onclick });
  const pen = button('draw', () => {
    drawing = !drawing; pen.setAttribute('aria-pressed', drawing);
    pen.textContent = drawing ? 'stop drawing' : 'draw'; left.style.cursor = drawing ? 'crosshair' : 'grab';
  });
  pen.setAttribute('aria-pressed', 'false');
  button('clear the picture', () => { picture = picture.map(line => line.map(() => 0)); draw(); });
  button('reset', () => { pickPicture.value = names[0]; pickKernel.value = data.start; setKernel(data.kernels[data.start]); load(names[0]); draw(); });
  const sum = make('p', root, { className: 'readout' });
  const note = make('p', root, { className: 'readout' });
  note.setAttribute('aria-live', 'polite');

  const load = name => {
    picture = data.pictures[name].map(line => [...line]);
    map = convolve();
    const sizes = map.flat().map(Math.abs), largest = sizes.indexOf(Math.max(...sizes)); // show a place that says something
    row = Math.floor(largest / picture[0].length); column = largest % picture[0].length;
  };
  const setKernel = w => {
    kernel = w.map(line => [...line]);
    cells.forEach((input, n) => { input.value = +kernel[Math.floor(n / 3)][n % 3].toFixed(3); });
  };
  const paint = (canvas, colour) => {
    const h = picture.length, w = picture[0].length, pen = canvas.getContext('2d');
    canvas.width = w * CELL; canvas.height = h * CELL;
    for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) {
      pen.fillStyle = colour(i, j); pen.fillRect(j * CELL, i * CELL, CELL, CELL);
    }
    return pen;
  };
  const tint = t => `rgb(${[0, 1, 2].map(c => Math.round(255 - Math.abs(t) * (255 - (t > 0 ? ORANGE : BLUE)[c])))})`;
  const frame = (pen, j, i, wide, colour) => {
    pen.lineWidth = 5; pen.strokeStyle = 'white'; pen.strokeRect(j * CELL, i * CELL, wide * CELL, wide * CELL);
    pen.lineWidth = 3; pen.strokeStyle = colour; pen.strokeRect(j * CELL, i * CELL, wide * CELL, wide * CELL);
  };
  const draw = () => {
    map = convolve();
    const highest = Math.max(...map.flat().map(Math.abs), 1e-12), lowest = Math.min(...map.flat());
    frame(paint(left, (i, j) => { const v = Math.round(255 * (1 - picture[i][j])); return `rgb(${v},${v},${v})`; }), column - 1, row - 1, 3, '#b3003c');
    frame(paint(right, (i, j) => tint(map[i][j] / highest)), column, row, 1, '#b3003c');
    const weight = Math.max(...kernel.flat().map(Math.abs), 1e-12);
    cells.forEach((input, n) => { input.style.background = tint(0.6 * kernel[Math.floor(n / 3)][n % 3] / weight); });
    const terms = [];
    for (let k = 0; k < 3; k++) for (let l = 0; l < 3; l++) {
      const value = picture[row + k - 1]?.[column + l - 1] ?? 0;
      if (kernel[k][l] && value) terms.push(`${kernel[k][l] < 0 ? '(' : ''}${short(kernel[k][l])}${kernel[k][l] < 0 ? ')' : ''}·${short(value)}`);
    }
    sum.textContent = `Row ${row + 1}, column ${column + 1}: ${terms.length ? terms.join(' + ') : 'no ink under the kernel'} = ${short(map[row][column])}`;
    note.textContent = `The map runs from ${short(lowest)} (blue if negative) to ${short(Math.max(...map.flat()))} (orange).`;
    left.setAttribute('aria-label', `${data.alt} The window is at row ${row + 1}, column ${column + 1}. Arrow keys move it, the space bar puts ink there or takes it away.`);
    right.setAttribute('aria-label', `The feature map, ${note.textContent} Under the window ${short(map[row][column])}.`);
    root.state = { picture: picture.map(line => [...line]), kernel: kernel.map(line => [...line]), map, row, column };
  };

  const place = event => {
    const box = event.target.getBoundingClientRect();
    row = clamp(Math.floor((event.clientY - box.top) / box.height * picture.length), picture.length);
    column = clamp(Math.floor((event.clientX - box.left) / box.width * picture[0].length), picture[0].length);
    if (drawing && event.target === left) {
      for (const [i, j, ink] of [[0, 0, 1], [0, 1, BRUSH], [0, -1, BRUSH], [1, 0, BRUSH], [-1, 0, BRUSH]]) {
        if (picture[row + i]?.[column + j] !== undefined) picture[row + i][column + j] = Math.max(picture[row + i][column + j], ink);
      }
    }
    draw();
  };
  for (const canvas of [left, right]) {
    canvas.addEventListener('pointerdown', event => { pressed = true; canvas.setPointerCapture(event.pointerId); place(event); });
    canvas.addEventListener('pointermove', event => { if (pressed) place(event); });
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { pressed = false; });
    canvas.addEventListener('touchstart', event => { if (drawing) event.preventDefault(); }, { passive: false });
  }
  left.addEventListener('keydown', event => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) { row = clamp(row + move[0], picture.length); column = clamp(column + move[1], picture[0].length); }
    else if (event.key === ' ') picture[row][column] = picture[row][column] > 0.5 ? 0 : 1;
    else return;
    event.preventDefault(); event.stopPropagation(); draw();
  });
  pickKernel.value = data.start; setKernel(data.kernels[data.start]); load(names[0]); draw();
}
