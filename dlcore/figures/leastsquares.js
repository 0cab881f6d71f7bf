(root, data, { make, shape }) => {
  // Linear regression with one feature, as dlcore.scratch.regression does it.
  const SIDE = 320, REACH = 4, VIEW = 3;
  const BLUE = 'var(--dl-blue, #0072b2)', ORANGE = '#E69F00', GREEN = 'var(--dl-green, #009e73)';
  const loss = (points, w, b) => points.reduce((sum, [x, y]) => sum + (y - w * x - b) ** 2, 0) / points.length / 2;
  const slope = (points, rows, w, b) => {
    let dw = 0, db = 0;
    for (const i of rows) {
      const error = points[i][1] - w * points[i][0] - b;
      dw -= error * points[i][0] / rows.length; db -= error / rows.length;
    }
    return [dw, db];
  };
  // The normal equations, centred; where all x are equal, the shortest of the many solutions.
  const exact = points => {
    const n = points.length, mean = k => points.reduce((s, p) => s + p[k], 0) / n;
    const mx = mean(0), my = mean(1);
    const sxx = points.reduce((s, [x]) => s + (x - mx) ** 2, 0) / n;
    const sxy = points.reduce((s, [x, y]) => s + (x - mx) * (y - my), 0) / n;
    const unique = sxx > 1e-9;
    const w = unique ? sxy / sxx : mx * my / (mx * mx + 1);
    return { unique, w, b: unique ? my - w * mx : my / (mx * mx + 1), mx, sxx };
  };
  const curvature = ({ mx, sxx }) => { // eigenvalues of [[sxx + mx², mx], [mx, 1]]
    const a = sxx + mx * mx, half = (a + 1) / 2, root = Math.hypot((a - 1) / 2, mx);
    return half + root;
  };

  const panes = make('div', root);
  panes.style.cssText = 'display:flex;flex-wrap:wrap;gap:.8rem;justify-content:center';
  const pane = (title, help) => {
    const box = make('div', panes);
    box.style.cssText = 'flex:1 1 15rem;max-width:20rem;text-align:center';
    make('div', box, { textContent: title });
    const svg = shape('svg', box, { viewBox: `0 0 ${SIDE} ${SIDE}`, role: 'application', tabindex: 0, 'aria-label': help });
    svg.style.cssText = 'touch-action:pan-x pan-y;overflow:hidden;border:1px solid color-mix(in srgb, currentColor 30%, transparent)';
    return svg;
  };
  const plane = pane('the points and your line', 'Points and a line. Keys: n and p choose a point, arrows move it.');
  const map = pane('the loss over w (across) and b (up)', 'Curves of equal loss over w and b, with the path. Arrows move your line.');
  const px = (v, reach) => (v / reach + 1) * SIDE / 2, py = (v, reach) => (1 - v / reach) * SIDE / 2;

  const field = (parent, text, min, max, value, step) => {
    const label = make('label', parent);
    make('span', label, { textContent: text }).style.whiteSpace = 'nowrap';
    const input = make('input', label, { type: 'range', min, max, step, value });
    input.setAttribute('aria-label', text.trim());
    return { input, out: make('span', label, { className: 'number' }) };
  };
  const n = data.points.length;
  const hand = make('div', root, { className: 'controls' });
  const wSlider = field(hand, 'slope w ', -VIEW, VIEW, data.start[0], 0.01);
  const bSlider = field(hand, 'intercept b ', -VIEW, VIEW, data.start[1], 0.01);
  const auto = make('div', root, { className: 'controls' });
  const rate = field(auto, 'learning rate ', -2, 0.3, Math.log10(data.lr), 0.01);
  const size = field(auto, 'examples a step ', 1, n, n, 1);
  const buttons = make('div', root, { className: 'controls' });
  const button = (text, onclick) => make('button', buttons, { type: 'button', textContent: text, onclick });
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  let points, path, taken, chosen = -1, shown = false, timer = null, rateTouched = false;
  const here = () => path[path.length - 1];
  const restart = (w, b) => { path = [[w, b]]; taken = 0; };
  const lr = () => rateTouched ? 10 ** rate.input.value : data.lr;
  const batch = t => { // the t-th of dlcore.data.minibatches
    const B = +size.input.value, each = Math.ceil(n / B);
    const order = data.orders[Math.floor(t / each) % data.orders.length];
    return order.slice((t % each) * B, (t % each) * B + B);
  };
  const step = () => {
    const [w, b] = here(), [dw, db] = slope(points, batch(taken++), w, b);
    const next = [w - lr() * dw, b - lr() * db];
    if (Math.hypot(...next) < 1e9) path.push(next); else stop();
  };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = 'play'; };

  const draw = () => {
    const [w, b] = here(), best = exact(points), least = loss(points, best.w, best.b), now = loss(points, w, b);
    plane.replaceChildren(); map.replaceChildren();
    const across = (w, b, set) => shape('line', plane, { x1: 0, x2: SIDE, y1: py(b - REACH * w, REACH), y2: py(b + REACH * w, REACH), 'stroke-width': 2, ...set });
    for (const svg of [plane, map]) for (const d of [`M0 ${SIDE / 2}H${SIDE}`, `M${SIDE / 2} 0V${SIDE}`])
      shape('path', svg, { d, stroke: 'currentColor', opacity: 0.25 });
    for (const [x, y] of points) {
      const at = w * x + b, s = Math.abs(y - at) * SIDE / 2 / REACH;
      shape('rect', plane, { x: px(x, REACH), y: Math.min(py(y, REACH), py(at, REACH)), width: s, height: s, fill: ORANGE, opacity: 0.3 });
    }
    if (shown) across(best.w, best.b, { stroke: GREEN, 'stroke-dasharray': '7 5' });
    across(w, b, { stroke: BLUE });
    points.forEach(([x, y], i) => shape('circle', plane, { cx: px(x, REACH), cy: py(y, REACH), r: i === chosen ? 8 : 5.5,
      fill: i === chosen ? ORANGE : 'currentColor', stroke: 'currentColor' }));

    // Level curves: (θ - θ*)ᵀ H (θ - θ*) / 2 = c, with H = AAᵀ by Cholesky; a valley is drawn as lines.
    for (const c of [0.02, 0.1, 0.3, 0.7, 1.5, 3, 6, 12]) {
      if (best.unique) {
        const a = Math.sqrt(best.sxx + best.mx ** 2), m = best.mx / a, r = Math.sqrt(best.sxx) / a;
        const ring = Array.from({ length: 73 }, (_, k) => {
          const u = Math.sqrt(2 * c) * Math.cos(k * Math.PI / 36), v = Math.sqrt(2 * c) * Math.sin(k * Math.PI / 36) / r;
          return `${px(best.w + (u - m * v) / a, VIEW).toFixed(1)},${py(best.b + v, VIEW).toFixed(1)}`;
        });
        shape('polyline', map, { points: ring.join(' '), fill: 'none', stroke: 'currentColor', opacity: 0.35 });
      } else for (const sign of [-1, 1]) {
        const top = x => best.mx * (best.w - x) + best.b + sign * Math.sqrt(2 * c);
        shape('line', map, { x1: 0, x2: SIDE, y1: py(top(-VIEW), VIEW), y2: py(top(VIEW), VIEW), stroke: 'currentColor', opacity: 0.35 });
      }
    }
    const limit = v => Math.max(-9e3, Math.min(9e3, v));
    shape('polyline', map, { points: path.map(([w, b]) => `${limit(px(w, VIEW))},${limit(py(b, VIEW))}`).join(' '), fill: 'none', stroke: BLUE, 'stroke-width': 1.5 });
    if (shown) shape('path', map, { d: `M${px(best.w, VIEW) - 6} ${py(best.b, VIEW) - 6}l12 12m0 -12l-12 12`, stroke: GREEN, 'stroke-width': 2.5 });
    shape('circle', map, { cx: limit(px(w, VIEW)), cy: limit(py(b, VIEW)), r: 6, fill: BLUE, stroke: 'currentColor' });

    wSlider.input.value = w; bSlider.input.value = b;
    wSlider.out.textContent = w.toFixed(2); bSlider.out.textContent = b.toFixed(2);
    rate.out.textContent = lr().toFixed(3); size.out.textContent = size.input.value;
    rate.input.setAttribute('aria-valuetext', lr().toFixed(3)); // the slider itself holds its logarithm
    const answer = !best.unique ? `least possible ${least.toFixed(3)}, reached by a whole line of (w, b)`
      : shown ? `least possible ${least.toFixed(3)} at w = ${best.w.toFixed(2)}, b = ${best.b.toFixed(2)}` : '';
    readout.textContent = `loss ${now < 1e4 ? now.toFixed(3) : now.toExponential(1)}` + (answer && ` · ${answer}`)
      + (taken ? ` · ${taken} steps` : '') + ` · full-batch descent is stable below rate ${(2 / curvature(best)).toFixed(2)}`;
    root.state = { w, b, loss: now, best: [best.w, best.b], least, unique: best.unique, steps: taken, limit: 2 / curvature(best), points, path };
  };
  const play = button('play', () => {
    if (timer) return stop();
    play.textContent = 'pause';
    let left = 200;
    timer = setInterval(() => { step(); draw(); if (!--left) stop(); }, 60);
  });
  button('one step', () => { stop(); step(); draw(); });
  button('show the best line', () => { shown = true; draw(); });
  button('all points above one x', () => { points = points.map(([, y]) => [1, y]); restart(...here()); draw(); });
  const reset = () => {
    clearInterval(timer); timer = null;
    points = data.points.map(p => [...p]); shown = false; chosen = -1; rateTouched = false;
    rate.input.value = Math.log10(data.lr); size.input.value = n;
    restart(...data.start);
  };
  button('start again', () => { reset(); play.textContent = 'play'; draw(); });
  for (const { input } of [wSlider, bSlider]) input.addEventListener('input', () => {
    const own = input === wSlider.input;
    restart(own ? +input.value : here()[0], own ? here()[1] : +input.value); draw();
  });
  rate.input.addEventListener('input', () => { rateTouched = true; draw(); });
  size.input.addEventListener('input', () => { restart(...here()); draw(); });

  const place = (svg, reach, event) => {
    const box = svg.getBoundingClientRect(), keep = v => Math.max(-reach, Math.min(reach, v));
    return [keep(((event.clientX - box.left) * 2 / box.width - 1) * reach), keep((1 - (event.clientY - box.top) * 2 / box.height) * reach)];
  };
  const move = (i, [x, y]) => { points[i] = [x, y]; restart(...here()); };
  const nearest = ([x, y]) => {
    const far = points.map(p => Math.hypot(p[0] - x, p[1] - y)), near = Math.min(...far);
    return near < REACH / 8 ? far.indexOf(near) : -1;
  };
  const drag = (svg, reach, take, put) => {
    let held = -1;
    svg.addEventListener('pointerdown', event => {
      held = take(place(svg, reach, event));
      if (held >= 0) { stop(); svg.setPointerCapture(event.pointerId); put(held, place(svg, reach, event)); draw(); }
    });
    svg.addEventListener('pointermove', event => { if (held >= 0) { put(held, place(svg, reach, event)); draw(); } });
    for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, () => { held = -1; });
    // A finger on something movable drags it; anywhere else it scrolls the page.
    svg.addEventListener('touchstart', event => {
      if (take(place(svg, reach, event.touches[0])) >= 0) event.preventDefault();
    }, { passive: false });
  };
  drag(plane, REACH, nearest, move);
  drag(map, VIEW, () => 0, (_, [w, b]) => restart(w, b));
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const keys = (svg, reach, act) => svg.addEventListener('keydown', event => {
    if (!act(event.key, v => Math.max(-reach, Math.min(reach, v)))) return;
    event.preventDefault(); event.stopPropagation(); draw();
  });
  keys(plane, REACH, (key, keep) => {
    const turn = { n: 1, p: -1 }[key], by = arrows[key];
    if (turn) chosen = (chosen + turn + n + (chosen < 0 && turn < 0)) % n;
    else if (by && chosen >= 0) move(chosen, [keep(points[chosen][0] + by[0] * 0.1), keep(points[chosen][1] + by[1] * 0.1)]);
    return turn || by;
  });
  keys(map, VIEW, (key, keep) => {
    const by = arrows[key];
    if (by) restart(keep(here()[0] + by[0] * 0.05), keep(here()[1] + by[1] * 0.05));
    return by;
  });
  reset(); draw();
}
