(root, data, { make, shape, press }) => {
  // The counts of dlcore.figures.tiles.product, and dlcore.figures.roofline.place.
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#E69F00', GREEN = 'var(--dl-green, #009e73)';
  let { n, tile, gpu } = data.start;
  const group = name => {
    const row = make('div', root, { className: 'controls' });
    row.setAttribute('role', 'group'); row.setAttribute('aria-label', name);
    return row;
  };
  const row = group('GPU');
  const buttons = Object.keys(data.gpus).map(name => make('button', row, {
    type: 'button', textContent: name, onclick: () => { gpu = name; draw(); },
  }));
  const sizes = group('sizes');
  const slider = (text, min, max, value, change) => {
    const label = make('label', sizes);
    make('span', label, { textContent: text }).style.whiteSpace = 'nowrap';
    const input = make('input', label, { type: 'range', min, max, step: 1, value: Math.log2(value) });
    input.setAttribute('aria-label', text);
    const out = make('span', label, { className: 'number' });
    const tell = () => { out.textContent = 2 ** input.value; input.setAttribute('aria-valuetext', 2 ** input.value); };
    input.addEventListener('input', () => { change(2 ** input.value); tell(); draw(); });
    tell();
  };
  slider('tile', 0, 8, tile, v => { tile = v; });
  slider('matrix', 8, 14, n, v => { n = v; });

  const panes = make('div', root);
  panes.style.cssText = 'display:flex;flex-wrap:wrap;gap:.8rem;justify-content:center';
  const pane = (width, height) => {
    const box = make('div', panes);
    box.style.cssText = 'flex:1 1 15rem;max-width:21rem';
    return shape('svg', box, { viewBox: `0 0 ${width} ${height}`, role: 'img' });
  };
  const reads = pane(300, 300), chart = pane(300, 300);
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  const X = i => 46 + 244 * (Math.log10(i) + 1) / 5, Y = p => 254 - 240 * (Math.log10(p) + 2) / 5.5;
  const matrices = () => {
    const side = 132, wide = Math.max(3, side * tile / n * Math.max(1, n / 1024)); // drawn wider where it would vanish
    const [i, j] = [side * 0.55, side * 0.3].map(at => Math.min(at, side - wide));
    reads.replaceChildren();
    for (const [name, x, y] of [['B', 152, 8], ['A', 8, 152], ['C', 152, 152]]) {
      shape('rect', reads, { x, y, width: side, height: side, fill: 'none', stroke: 'currentColor', opacity: 0.6 });
      shape('text', reads, { x: x + side - 8, y: y + side - 8, 'text-anchor': 'end', 'font-size': 15, 'font-style': 'italic' }, name);
    }
    shape('rect', reads, { x: 8, y: 152 + i, width: side, height: wide, fill: BLUE, opacity: 0.75 });
    shape('rect', reads, { x: 152 + j, y: 8, width: wide, height: side, fill: GREEN, opacity: 0.75 });
    shape('rect', reads, { x: 152 + j, y: 152 + i, width: wide, height: wide, fill: ORANGE });
    reads.setAttribute('aria-label', `A tile of C, ${tile} by ${tile}, reads ${tile} rows of A and ${tile} columns of B.`);
  };
  const roof = (peak, bandwidth, intensity, rate) => {
    chart.replaceChildren();
    for (const power of [0.1, 1, 10, 100, 1000]) {
      shape('path', chart, { d: `M${X(power)} 14V254`, stroke: 'currentColor', opacity: 0.15 });
      shape('text', chart, { x: X(power), y: 270, 'text-anchor': 'middle', 'font-size': 12 }, String(power));
      shape('path', chart, { d: `M46 ${Y(power)}H290`, stroke: 'currentColor', opacity: 0.15 });
      shape('text', chart, { x: 42, y: Y(power) + 4, 'text-anchor': 'end', 'font-size': 12 }, String(power));
    }
    shape('text', chart, { x: 168, y: 290, 'text-anchor': 'middle', 'font-size': 13 }, 'operations per byte');
    shape('text', chart, { x: 50, y: 11, 'font-size': 13 }, 'TFLOP/s at most');
    const corner = peak / bandwidth;
    shape('path', chart, { d: `M${X(0.1)} ${Y(0.1 * bandwidth)}L${X(corner)} ${Y(peak)}H290`, fill: 'none', stroke: BLUE, 'stroke-width': 2.5 });
    shape('path', chart, { d: `M${X(intensity)} 254V${Y(rate)}`, stroke: ORANGE, 'stroke-width': 2, 'stroke-dasharray': '4 4' });
    shape('circle', chart, { cx: X(intensity), cy: Y(rate), r: 6, fill: ORANGE, stroke: 'currentColor' });
    chart.setAttribute('aria-label', `The roofline of the ${gpu}, with its corner at ${corner.toFixed(0)} operations per byte. `
      + `The product is at ${intensity.toPrecision(3)}, where ${rate.toPrecision(3)} TFLOP/s can be had.`);
  };
  const draw = () => {
    const [peak, bandwidth] = [data.gpus[gpu].products / 1e12, data.gpus[gpu].bandwidth / 1e12];
    const operations = 2 * n ** 3, moved = data.size * (2 * n ** 3 / tile + n ** 2);
    const intensity = operations / moved, rate = Math.min(peak, bandwidth * intensity), sums = 4 * tile * tile;
    buttons.forEach(b => press(b, b.textContent === gpu));
    matrices(); roof(peak, bandwidth, intensity, rate);
    readout.textContent = `${(moved / 1e9).toPrecision(3)} GB moved, ${intensity.toPrecision(3)} operations per byte: `
      + (rate < peak ? `memory limits it to ${rate.toPrecision(3)} of ${peak} TFLOP/s.` : `the processors limit it, at ${peak} TFLOP/s.`)
      + ` At least ${(operations / rate / 1e9).toPrecision(3)} ms. The sums of a tile take ${(sums / 1024).toPrecision(3)} of ${data.registers / 1024} KB of registers`
      + (sums < data.registers ? '.' : ': nothing else fits.');
    root.state = { n, tile, gpu, operations, moved, intensity, rate, sums };
  };
  draw();
}
