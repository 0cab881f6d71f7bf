(root, data, { make, shape, press }) => {
  // The optimizers of dlcore.scratch.optim on the surfaces of dlcore.figures.surfaces, in the same arithmetic.
  const SIDE = 480, CELL = 2, STEPS = data.steps, AWAY = 1e6;
  const BATCHES = [Infinity, 256, 64, 16, 4, 1];
  const names = Object.keys(data.surfaces), racers = data.racers;
  const SURFACES = {
    ravine: ([x, y]) => [0.5 * (x * x + kappa * y * y), [x, kappa * y]],
    tilted: ([x, y]) => {
      const half = Math.sqrt(0.5), [f, [a, b]] = SURFACES.ravine([(x + y) * half, (y - x) * half]);
      return [f, [(a - b) * half, (a + b) * half]];
    },
    saddle: ([x, y]) => [0.5 * x * x - 0.5 * y * y + 0.25 * y * y * y * y + 0.25, [x, y * y * y - y]],
    rosenbrock: ([x, y]) => {
      const off = y - x * x;
      return [(1 - x) * (1 - x) + 100 * off * off, [-2 * (1 - x) - 400 * x * off, 200 * off]];
    },
    valleys: ([x, y]) => {
      const [[p, c], [q, d]] = data.bowls;
      const a = 0.5 * c * ((x - p) * (x - p) + y * y), b = 0.5 * d * ((x - q) * (x - q) + y * y);
      const least = Math.min(a, b), total = Math.exp(least - a) + Math.exp(least - b);
      const wide = Math.exp(least - a) / total * c, narrow = Math.exp(least - b) / total * d;
      return [least - Math.log(total), [wide * (x - p) + narrow * (x - q), (wide + narrow) * y]];
    },
  };
  const follow = (mean, value, share) => mean + (value - mean) * share;
  const RULES = { // each returns a function from a coordinate, its gradient, the rate and the step to the change
    descent: () => (i, g, lr) => g * lr,
    momentum: () => {
      const v = [0, 0];
      return (i, g, lr) => { v[i] = v[i] * beta + g; return v[i] * lr; };
    },
    RMSProp: () => {
      const v = [0, 0];
      return (i, g, lr) => { v[i] = follow(v[i], g * g, 1 - 0.99); return g / (Math.sqrt(v[i]) + 1e-8) * lr; };
    },
    Adam: () => {
      const m = [0, 0], v = [0, 0];
      return (i, g, lr, t) => {
        m[i] = follow(m[i], g, 1 - 0.9); v[i] = follow(v[i], g * g, 1 - 0.999);
        const weight = 1 - 0.9 ** t, part = Math.sqrt(1 - 0.999 ** t);
        return m[i] / (Math.sqrt(v[i]) + 1e-8 * part) * (lr * part / weight);
      };
    },
    Lion: () => {
      const m = [0, 0];
      return (i, g, lr) => {
        const change = lr * Math.sign(0.9 * m[i] + (1 - 0.9) * g);
        m[i] = follow(m[i], g, 1 - 0.99);
        return change;
      };
    },
  };
  const normals = (seed, count) => { // mulberry32, then Box and Muller
    const uniform = () => {
      seed = seed + 0x6D2B79F5 | 0;
      let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
      t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
      return ((t ^ t >>> 14) >>> 0) / 4294967296;
    };
    return Array.from({ length: count }, () => {
      const r = Math.sqrt(-2 * Math.log(1 - uniform())), angle = 2 * Math.PI * uniform();
      return [r * Math.cos(angle), r * Math.sin(angle)];
    });
  };

  let surface = data.first, kappa = data.kappa, beta = data.momentum, batch = 0, seed = 1, falls = false;
  let start, rates, on = racers.map(() => true), paths, losses, draws, timer = null;
  const load = () => { start = [...data.surfaces[surface].start]; rates = [...data.surfaces[surface].rates]; };
  const run = () => {
    const sd = data.surfaces[surface].noise / Math.sqrt(BATCHES[batch]);
    draws = sd ? normals(seed, STEPS).map(d => d.map(z => sd * z)) : null;
    paths = racers.map((racer, r) => {
      let at = [...start];
      const path = [at], rule = RULES[racer.name]();
      for (let step = 0; step < STEPS && Math.hypot(...at) < AWAY; step++) {
        const lr = rates[r] * (falls ? (1 + Math.cos(Math.PI * (step / STEPS))) / 2 : 1);
        const slope = SURFACES[surface](at)[1];
        at = at.map((v, i) => v - rule(i, draws ? slope[i] + draws[step][i] : slope[i], lr, step + 1));
        path.push(at);
      }
      return path;
    });
    losses = paths.map(path => path.map(at => SURFACES[surface](at)[0] - data.surfaces[surface].lowest));
  };

  const group = name => {
    const row = make('div', root, { className: 'controls' });
    row.setAttribute('role', 'group'); row.setAttribute('aria-label', name);
    return row;
  };
  const button = (parent, textContent, onclick) => make('button', parent, { type: 'button', textContent, onclick });
  const slider = (parent, text, min, max, step, value, change) => {
    const input = make('input', parent, { type: 'range', min, max, step, value });
    input.setAttribute('aria-label', text);
    const number = make('span', parent, { className: 'number' });
    const tell = shown => { number.textContent = shown; input.setAttribute('aria-valuetext', shown); };
    input.addEventListener('input', () => { tell(change(+input.value)); again(); });
    return { input, tell };
  };
  const labelled = (parent, text, ...rest) => {
    const label = make('label', parent);
    label.style.flex = '1 1 15rem';
    make('span', label, { textContent: text }).style.whiteSpace = 'nowrap';
    return { label, ...slider(label, text, ...rest) };
  };
  const two = v => +v.toPrecision(2), small = v => v < 1e-3 ? v.toExponential(0).replace('-', '−') : `${v}`;

  const places = group('surface');
  const placeButtons = names.map(name => button(places, data.surfaces[name].title, () => {
    surface = name; load(); show(); again();
  }));
  const top = group('settings');
  const steep = labelled(top, 'condition number κ', 0, 3, 0.05, Math.log10(kappa), v => `${kappa = two(10 ** v)}`);
  steep.tell(`${kappa}`);
  const heavy = labelled(top, 'momentum β', 0, 0.99, 0.01, beta, v => `${beta = v}`);
  heavy.tell(`${beta}`);
  const sizes = v => BATCHES[v] === Infinity ? 'all' : `${BATCHES[v]}`;
  const few = labelled(top, 'batch size', 0, BATCHES.length - 1, 1, 0, v => sizes(batch = v));
  few.tell('all');
  const more = group('noise and rates');
  const other = button(more, 'other batches', () => { seed++; again(); });
  const cosine = button(more, 'let the rates fall (cosine)', () => { falls = !falls; press(cosine, falls); again(); });
  press(cosine, falls);

  const table = make('div', root);
  table.style.cssText = 'display:grid;grid-template-columns:6.2rem minmax(0,1fr) 2.8rem 4.1rem;gap:.35rem .4rem;font-size:.95em;align-items:center';
  ['optimizer', 'rate', '', 'loss'].forEach((textContent, i) => {
    make('span', table, { textContent }).style.cssText = `font-size:.85em;opacity:.85;text-align:${i > 2 ? 'right' : 'left'}`;
  });
  const colour = r => ['var(--dl-blue, #0072b2)', racers[1].colour, 'var(--dl-green, #009e73)'][r] || racers[r].colour;
  const rows = racers.map((racer, r) => {
    const toggle = button(table, racer.name, () => { on[r] = !on[r]; press(toggle, on[r]); draw(); });
    toggle.style.padding = '.15rem .1rem';
    toggle.style.borderLeft = `.6rem solid ${colour(r)}`;
    press(toggle, true);
    const rate = slider(table, `rate of ${racer.name}`, -4, 0.5, 0.05, -1, v => small(rates[r] = two(10 ** v)));
    rate.input.style.minWidth = '2rem';
    return { rate, loss: make('span', table, { className: 'number' }) };
  });

  const canvas = make('canvas', root, { width: SIDE, height: SIDE });
  canvas.tabIndex = 0; canvas.style.cursor = 'crosshair'; canvas.style.marginTop = '.8rem';
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', `${data.alt} Arrow keys move the common start.`);
  const time = group('time');
  const clock = labelled(time, 'step', 0, STEPS, 1, STEPS, v => `${v}`);
  clock.tell(`${STEPS}`);
  const play = button(time, 'play', () => {
    if (timer) return stop();
    if (+clock.input.value === STEPS) clock.input.value = 0;
    play.textContent = 'pause';
    timer = setInterval(() => {
      clock.input.value = +clock.input.value + 1; clock.tell(clock.input.value); draw();
      if (+clock.input.value === STEPS) stop();
    }, 40);
  });
  const chart = shape('svg', root, { viewBox: '0 0 480 170', role: 'img' });
  shape('path', chart, { d: 'M56 8V142H472', fill: 'none', stroke: 'currentColor', 'stroke-opacity': 0.5 });
  const ticks = [0, 1, 2].map(() => shape('text', chart, { x: 52, 'text-anchor': 'end', 'font-size': 15 }));
  shape('text', chart, { x: 56, y: 160, 'font-size': 15 }, 'loss above the lowest, on a logarithmic scale, by step');
  const now = shape('path', chart, { stroke: 'currentColor', 'stroke-dasharray': '3 3', 'stroke-opacity': 0.6 });
  const curves = racers.map((_, r) => shape('path', chart, { fill: 'none', 'stroke-width': 2, style: `stroke:${colour(r)}` }));
  const readout = make('p', root, { className: 'readout' });
  readout.setAttribute('aria-live', 'polite');

  const pen = canvas.getContext('2d'), ground = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  const view = () => data.surfaces[surface].view;
  const pixel = ([x, y]) => {
    const [left, right, low, high] = view();
    return [(x - left) / (right - left) * SIDE, (high - y) / (high - low) * SIDE];
  };
  const place = (i, j) => {
    const [left, right, low, high] = view();
    return [left + i / SIDE * (right - left), high - j / SIDE * (high - low)];
  };
  const paint = () => { // bands of equal height on a logarithmic scale, darker where it is low
    const paper = ground.getContext('2d'), count = SIDE / CELL, low = data.surfaces[surface].lowest;
    const level = (i, j) => Math.floor(1.5 * Math.log2(SURFACES[surface](place((i + 0.5) * CELL, (j + 0.5) * CELL))[0] - low + 0.02));
    for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) {
      const own = level(i, j), edge = own !== level(i + 1, j) || own !== level(i, j + 1);
      const light = Math.max(0, Math.min(1, (own + 9) / 22)), dim = edge ? 0.82 : 1;
      paper.fillStyle = `rgb(${[185 + 70 * light, 205 + 50 * light, 228 + 27 * light].map(v => v * dim)})`;
      paper.fillRect(i * CELL, j * CELL, CELL, CELL);
    }
  };
  const draw = () => {
    const step = +clock.input.value, far = v => Math.max(-9999, Math.min(9999, v));
    pen.drawImage(ground, 0, 0);
    pen.lineJoin = 'round';
    paths.forEach((path, r) => {
      if (!on[r]) return;
      const points = path.slice(0, step + 1).map(pixel).map(p => p.map(far));
      for (const [width, stroke] of [[4.5, 'white'], [2.2, racers[r].colour]]) {
        pen.beginPath(); points.forEach(p => pen.lineTo(...p));
        pen.lineWidth = width; pen.strokeStyle = stroke; pen.stroke();
      }
      pen.fillStyle = racers[r].colour;
      if (points.length < 80) points.forEach(([x, y]) => { pen.beginPath(); pen.arc(x, y, 2.6, 0, 7); pen.fill(); });
      const [x, y] = points.at(-1);
      pen.beginPath(); pen.arc(x, y, 7, 0, 7); pen.fill();
      pen.lineWidth = 2; pen.strokeStyle = 'white'; pen.stroke();
    });
    const [x, y] = pixel(start);
    pen.beginPath(); pen.rect(x - 6, y - 6, 12, 12); pen.fillStyle = 'black'; pen.fill();
    pen.lineWidth = 2; pen.strokeStyle = 'white'; pen.stroke();

    const seen = losses.flatMap((l, r) => on[r] ? l.filter(v => v > 1e-14) : []);
    const high = Math.ceil(Math.log10(Math.min(1e6, Math.max(1e-9, ...seen)))), low = Math.max(-12, Math.floor(Math.log10(Math.min(1, ...seen))));
    const up = v => 142 - 134 * (Math.min(high, Math.max(low, Math.log10(v))) - low) / (high - low);
    ticks.forEach((tick, i) => {
      const power = Math.round(low + (high - low) * i / 2);
      tick.setAttribute('y', up(10 ** power) + 5); tick.textContent = `1e${power}`.replace('-', '−');
    });
    now.setAttribute('d', `M${56 + 416 * step / STEPS} 8V142`);
    curves.forEach((curve, r) => curve.setAttribute('d', on[r]
      ? losses[r].map((v, t) => `${t ? 'L' : 'M'}${(56 + 416 * t / STEPS).toFixed(1)} ${up(Math.max(v, 1e-14)).toFixed(1)}`).join('') : ''));
    let best = null;
    rows.forEach((row, r) => {
      const gone = losses[r].length <= step, value = gone ? Infinity : losses[r][step];
      row.loss.textContent = !on[r] ? '–' : gone ? 'away' : Math.max(value, 0).toExponential(1).replace('-', '−');
      if (on[r] && (best === null || value < best[1])) best = [racers[r].name, value];
    });
    const limit = data.surfaces[surface].limit ?? `The curvature is at most L = κ = ${kappa}, so plain descent needs a rate below 2/L = ${small(+(2 / kappa).toPrecision(3))}.`;
    readout.textContent = (best && best[1] < Infinity ? `After ${step} steps ${best[0]} is lowest. ` : '') + limit;
    chart.setAttribute('aria-label', `Losses after ${step} steps: ` + rows.map((row, r) => `${racers[r].name} ${row.loss.textContent}`).join(', '));
    root.state = { surface, kappa, beta, start, step, rates, batch: BATCHES[batch], falls, draws, paths, losses };
  };
  const again = () => { run(); if (surface + kappa !== painted) { paint(); painted = surface + kappa; } draw(); };
  let painted = null;
  const show = () => {
    placeButtons.forEach((b, i) => press(b, names[i] === surface));
    steep.label.style.display = 'limit' in data.surfaces[surface] ? 'none' : '';
    rows.forEach((row, r) => { row.rate.input.value = Math.log10(rates[r]); row.rate.tell(small(rates[r])); });
  };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = 'play'; };
  clock.input.addEventListener('input', stop);

  let held = false;
  const put = event => {
    const box = canvas.getBoundingClientRect(), clip = v => Math.max(0, Math.min(SIDE, v));
    start = place(clip((event.clientX - box.left) / box.width * SIDE), clip((event.clientY - box.top) / box.height * SIDE));
    again();
  };
  canvas.addEventListener('pointerdown', event => { held = true; canvas.setPointerCapture(event.pointerId); put(event); });
  canvas.addEventListener('pointermove', event => { if (held) put(event); });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { held = false; });
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener('keydown', event => {
    if (!arrows[event.key]) return;
    event.preventDefault(); event.stopPropagation();
    const [i, j] = pixel(start), [di, dj] = arrows[event.key], clip = v => Math.max(0, Math.min(SIDE, v));
    start = place(clip(i + di * SIDE / 40), clip(j + dj * SIDE / 40));
    again();
  });
  load(); show(); again();
}
