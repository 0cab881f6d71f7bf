(root, data, { make, shape }) => {
  // A network of hinges through knots on a curve, as dlcore.scratch.approximation builds it.
  const W = 420, H = 240, LOW = 84, N = 960;
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#E69F00', GREEN = 'var(--dl-green, #009e73)';
  const SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 24, 30, 32, 40, 48, 60, 64];
  const relu = z => Math.max(z, 0), most = a => a.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  let low, high, target, knots, on, chosen = -1, held = null, drawing = false, own = false;
  const x = i => low + (high - low) * i / N;

  const network = () => {
    const t = knots.map(x), y = knots.map(i => target[i]);
    const slopes = t.slice(1).map((v, i) => (y[i + 1] - y[i]) / (v - t[i]));
    return { b: t.slice(0, -1).map(v => -v), v: slopes.map((s, i) => i ? s - slopes[i - 1] : s), c: y[0] };
  };
  const value = (net, at, units) => {
    let sum = 0;
    for (let i = 0; i < units; i++) sum += net.v[i] * relu(at + net.b[i]);
    return sum + net.c;
  };
  const modulus = steps => {
    let best = 0;
    for (let k = 1; k <= steps; k++) for (let i = k; i <= N; i++) best = Math.max(best, Math.abs(target[i] - target[i - k]));
    return best;
  };
  const byBend = units => {
    const bend = Array.from({ length: N - 1 }, (_, i) => Math.sqrt(Math.abs((target[i + 2] - target[i + 1]) - (target[i + 1] - target[i]))));
    const floor = Math.max(...bend) / 1000 + 1e-9, amount = [0];
    bend.forEach((v, i) => amount.push(i ? amount[i] + (v + floor) : v + floor));
    amount.push(amount[N - 1]);
    const step = amount[N] / units;
    let places = [], last = -Infinity;
    for (let i = 0; i <= units; i++) {
      const found = amount.findIndex(v => v >= i * step);
      last = Math.max(last, (found < 0 ? N + 1 : found) - i);
      places.push(Math.min(last, N - units) + i);
    }
    places[units] = N;
    return places;
  };

  const top = make('div', root, { className: 'controls' });
  const pick = make('select', make('label', top, { textContent: 'target ' }));
  pick.style.cssText = 'font:inherit;color:inherit;background:transparent;border:1px solid currentColor;border-radius:.3rem;padding:.15rem';
  Object.keys(data.targets).forEach(name => {
    make('option', pick, { textContent: name, value: name }).style.cssText = 'color:black;background:white';
  });
  const slider = (text, min, max, start) => {
    const label = make('label', top);
    make('span', label, { textContent: text }).style.whiteSpace = 'nowrap';
    const input = make('input', label, { type: 'range', min, max, step: 1, value: start });
    input.setAttribute('aria-label', text.trim());
    return { input, out: make('span', label, { className: 'number' }) };
  };
  const size = slider('units ', 0, SIZES.length - 1, SIZES.indexOf(data.start));
  const shown = slider('switched on ', 0, data.start, data.start);
  const svg = shape('svg', root, { viewBox: `0 0 ${W} ${H}`, tabindex: 0, role: 'application' });
  svg.style.cssText = 'overflow:hidden;touch-action:pan-y;cursor:grab';
  const note = make('div', root);
  note.style.cssText = 'font-size:.85em;border-top:1px solid color-mix(in srgb, currentColor 30%, transparent)';
  const parts = shape('svg', root, { viewBox: `0 0 ${W} ${LOW}`, role: 'img' });
  parts.style.cssText = 'overflow:hidden';
  const buttons = make('div', root, { className: 'controls' });
  const button = (textContent, onclick) => make('button', buttons, { type: 'button', textContent, onclick });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  const evenly = () => { const m = SIZES[size.input.value]; knots = Array.from({ length: m + 1 }, (_, i) => Math.round(N * i / m)); };
  const load = () => { [low, high, target] = data.targets[pick.value]; target = [...target]; own = false; };
  const fresh = () => {
    const m = SIZES[size.input.value];
    shown.input.max = m; shown.input.value = m; chosen = -1; draw();
  };
  button('spread evenly', () => { evenly(); chosen = -1; draw(); });
  button('spread by bend', () => { knots = byBend(SIZES[size.input.value]); chosen = -1; draw(); });
  const pen = button('draw a target', () => {
    drawing = !drawing; pen.setAttribute('aria-pressed', drawing);
    pen.textContent = drawing ? 'stop drawing' : 'draw a target'; draw();
  });
  button('reset', () => { load(); evenly(); fresh(); });

  let bottom, span; // the view: the target and a margin
  const left = i => 12 + i / N * (W - 24), up = y => H - 24 - (y - bottom) / span * (H - 48);
  const draw = () => {
    const m = knots.length - 1, net = network(), units = +shown.input.value;
    const all = Array.from({ length: N + 1 }, (_, i) => value(net, x(i), m));
    const error = most(all.map((v, i) => v - target[i]));
    const gap = Math.max(...knots.slice(1).map((k, i) => k - knots[i]));
    const h = (high - low) / N, bend = most(target.slice(2).map((v, i) => (v - 2 * target[i + 1] + target[i]) / (h * h)));
    const omega = modulus(gap), curvature = (gap * h) ** 2 / 8 * bend;
    if (!held) { bottom = Math.min(...target); span = Math.max(...target) - bottom || 1; }
    const line = (at, parent, set) => shape('polyline', parent, { fill: 'none', 'stroke-width': 1.8, ...set,
      points: Array.from({ length: N / 2 + 1 }, (_, i) => `${left(2 * i).toFixed(1)},${Math.max(-9999, Math.min(9999, at(2 * i))).toFixed(1)}`).join(' ') });
    svg.replaceChildren(); parts.replaceChildren();
    line(i => up(target[i]), svg, { stroke: 'currentColor', 'stroke-width': 5, opacity: 0.3 });
    const far = all.reduce((best, v, i) => Math.abs(v - target[i]) > Math.abs(all[best] - target[best]) ? i : best, 0);
    shape('path', svg, { d: `M${left(far)} ${up(all[far])}V${up(target[far])}`, stroke: ORANGE, 'stroke-width': 3.5 });
    line(i => up(value(net, x(i), units)), svg, { stroke: BLUE });
    knots.forEach((k, i) => shape('circle', svg, { cx: left(k), cy: up(target[k]), r: i === chosen ? 6.5 : m > 30 ? 2.5 : 4.5,
      fill: i <= units ? BLUE : 'none', stroke: i === chosen ? ORANGE : BLUE, 'stroke-width': i === chosen ? 3 : 1.5 }));
    const hinge = i => j => net.v[i] * relu(x(j) + net.b[i]);
    const tall = Math.max(...net.v.slice(0, units).map((v, i) => Math.abs(hinge(i)(N))), 1e-9);
    shape('path', parts, { d: `M0 ${LOW / 2}H${W}`, stroke: 'currentColor', opacity: 0.35 });
    for (let i = 0; i < units; i++) line(j => LOW / 2 - hinge(i)(j) / tall * (LOW / 2 - 8), parts,
      i === units - 1 ? { stroke: ORANGE, 'stroke-width': 2.2 } : { stroke: GREEN, 'stroke-width': 1 });
    note.textContent = units ? `what the ${units > 1 ? 'units add, the last one thick' : 'unit adds'}` : 'no unit is on: only the constant c';
    svg.setAttribute('aria-label', `The target (wide, grey), the network with ${units} of ${m} units (blue) and its knots. `
      + 'Keys: n and p choose a knot, left and right move it along the target.');
    parts.setAttribute('aria-label', `The ${units} hinges that are added up.`);
    size.out.textContent = m; size.input.setAttribute('aria-valuetext', m);
    shown.out.textContent = units;
    svg.style.cursor = drawing ? 'crosshair' : 'grab';
    readout.textContent = `${m} unit${m > 1 ? 's' : ''}${own ? ', your own target' : ''} · largest error ${error.toPrecision(3)} · `
      + `bounds: ω(h) = ${omega.toPrecision(3)}, h² max|f″|/8 = ${curvature.toPrecision(3)}`
      + (units < m ? ` · (with all units; now ${m - units} ${m - units > 1 ? 'are' : 'is'} off)` : '');
    root.state = { name: pick.value, low, high, target: [...target], knots: [...knots], on: units, ...net, all, partial: value(net, x(N), units), error, omega, curvature };
  };
  const slide = (i, place) => {
    if (i <= 0 || i >= knots.length - 1) return;
    knots[i] = Math.max(knots[i - 1] + 1, Math.min(knots[i + 1] - 1, place)); draw();
  };
  const where = event => {
    const box = svg.getBoundingClientRect(), px = (event.clientX - box.left) * W / box.width, py = (event.clientY - box.top) * H / box.height;
    return { px, py, i: Math.max(0, Math.min(N, Math.round((px - 12) / (W - 24) * N))), y: bottom + (H - 24 - Math.max(4, Math.min(H - 4, py))) / (H - 48) * span };
  };
  svg.addEventListener('pointerdown', event => {
    const { px, py, i, y } = where(event);
    if (drawing) held = { i, y };
    else {
      const far = knots.map((k, j) => j === 0 || j === knots.length - 1 ? Infinity : Math.hypot(left(k) - px, up(target[k]) - py));
      const near = Math.min(...far);
      if (near > 24) return;
      chosen = far.indexOf(near); held = { knot: chosen };
    }
    svg.setPointerCapture(event.pointerId); event.preventDefault(); draw();
  });
  svg.addEventListener('pointermove', event => {
    if (!held) return;
    const { i, y } = where(event);
    if ('knot' in held) return slide(held.knot, i);
    const steps = Math.abs(i - held.i); // a straight stroke from the last place to this one
    for (let s = 0; s <= steps; s++) target[held.i + Math.sign(i - held.i) * s] = steps ? held.y + (y - held.y) * s / steps : y;
    held = { i, y }; own = true; draw();
  });
  for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, () => { held = null; draw(); });
  svg.addEventListener('touchstart', event => { if (drawing || held) event.preventDefault(); }, { passive: false });
  svg.addEventListener('keydown', event => {
    const step = { n: 1, p: -1 }[event.key], move = { ArrowLeft: -8, ArrowRight: 8 }[event.key], inner = knots.length - 2;
    if (step && inner > 0) { chosen = chosen < 1 ? (step > 0 ? 1 : inner) : (chosen - 1 + step + inner) % inner + 1; draw(); }
    else if (move && chosen > 0) slide(chosen, knots[chosen] + move);
    else return;
    event.preventDefault(); event.stopPropagation();
  });
  pick.addEventListener('change', () => { load(); evenly(); fresh(); });
  size.input.addEventListener('input', () => { evenly(); fresh(); });
  shown.input.addEventListener('input', draw);
  load(); evenly(); fresh();
}
