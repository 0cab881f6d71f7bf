(root, data, { make, shape: draw }) => {
  // A program of few steps as a graph: values down, slopes up (reverse mode) or down (forward mode).
  const MOST = 26, BOX = 84, TALL = 62, LANE = 16, GAP = 18, ROW = 104;
  const exp = x => Math.exp(x);
  const UNARY = {  // value, and the slope from x and the value y
    exp: [exp, (x, y) => y],
    log: [Math.log, x => 1 / x],
    tanh: [Math.tanh, (x, y) => 1 - y * y],
    sigmoid: [x => .5 * (1 + Math.tanh(.5 * x)), (x, y) => y * (1 - y)],
    relu: [x => Math.max(x, 0), x => x > 0 ? 1 : 0],
  };
  const BINARY = {  // value, and the two slopes
    '+': [(a, b) => a + b, () => [1, 1]],
    '-': [(a, b) => a - b, () => [1, -1]],
    '*': [(a, b) => a * b, (a, b) => [b, a]],
    '/': [(a, b) => a / b, (a, b, y) => [1 / b, -y / b]],
    '^': [(a, b) => a ** b, (a, b) => [b * a ** (b - 1), 0]],
  };
  const SIGN = { '+': '+', '-': '−', '*': '×', '/': '÷' };
  const number = v => Number.isFinite(v) ? `${+v.toPrecision(4)}`.replace('-', '−') : Number.isNaN(v) ? 'undefined' : v > 0 ? '∞' : '−∞';

  // Reading: statements `name = expression;`, the last one is the result. A number stays inside its step.
  const read = text => {
    const tokens = text.match(/(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[A-Za-z]\w*|\*\*|[-+*/^();=]|\S/g) ?? [];
    const nodes = [], names = new Map();
    let at = 0;
    const fail = why => { throw new Error(why); };
    const next = wanted => tokens[at] === wanted && ++at > 0;
    const must = wanted => next(wanted) || fail(`expected ${wanted} ${at < tokens.length ? `before ${tokens[at]}` : 'at the end'}`);
    const add = node => {
      if (nodes.length === MOST) fail(`at most ${MOST} boxes fit`);
      return { node: nodes.push(node) - 1 };
    };
    const two = (sign, a, b) => {
      if ('number' in a && 'number' in b) return { number: BINARY[sign][0](a.number, b.number) };
      if (sign === '^') return 'number' in b ? add({ op: '^', label: `^ ${number(b.number)}`, args: [a.node], right: b.number }) : fail('an exponent must be a number');
      if ('number' in b) return add({ op: sign, label: `${SIGN[sign]} ${number(b.number)}`, args: [a.node], right: b.number });
      if ('number' in a) return add({ op: sign, label: `${number(a.number)} ${SIGN[sign]}`, args: [b.node], left: a.number });
      return add({ op: sign, label: SIGN[sign], args: [a.node, b.node] });
    };
    const atom = () => {
      const token = tokens[at++];
      if (token === undefined) fail('it ends too early');
      if (token === '(') { const inside = sum(); must(')'); return inside; }
      if (/^[\d.]/.test(token)) return { number: +token };
      if (!/^[A-Za-z]/.test(token)) fail(`${token} is not expected there`);
      if (token in UNARY) {
        must('('); const a = sum(); must(')');
        return 'number' in a ? { number: UNARY[token][0](a.number) } : add({ op: token, label: token, args: [a.node] });
      }
      if (tokens[at] === '(') fail(`there is no function ${token}`);
      if (token.length > 6) fail(`the name ${token} is too long`);
      if (!names.has(token)) names.set(token, add({ op: 'variable', label: token, name: token, args: [] }));
      return names.get(token);
    };
    const power = () => { const a = atom(); return next('^') || next('**') ? two('^', a, next('-') ? two('-', { number: 0 }, atom()) : atom()) : a; };
    const unary = () => next('-') ? two('*', { number: -1 }, unary()) : power();
    const chain = (part, signs) => () => {
      let a = part();
      while (signs.includes(tokens[at])) { const sign = tokens[at++]; a = two(sign, a, part()); }
      return a;
    };
    const product = chain(unary, ['*', '/']), sum = chain(product, ['+', '-']);
    let last;
    const statement = () => {
      let name = null;
      if (tokens[at + 1] === '=') {
        [name] = tokens.slice(at, at += 2);
        if (!/^[A-Za-z]\w{0,5}$/.test(name) || name in UNARY) fail(`${name} cannot be a name`);
        if (names.has(name)) fail(`${name} has a value already: choose another name`);
      }
      last = sum();
      if ('number' in last) fail('there is no variable in it');
      if (!name) return;
      if (nodes[last.node].name) fail(`${nodes[last.node].name} has a name already`);
      nodes[last.node].name = name;
      names.set(name, last);
    };
    statement();
    while (next(';') && at < tokens.length) statement();
    if (at < tokens.length) fail(`${tokens[at]} is not expected there`);
    return prune(nodes, last.node);
  };
  // What the result does not depend on is left out: no slope would reach it.
  const prune = (nodes, result) => {
    const keep = new Set();
    const visit = i => { if (!keep.has(i)) { keep.add(i); nodes[i].args.forEach(visit); } };
    visit(result);
    if (nodes[result].op === 'variable') throw new Error('there is nothing to compute in it');
    const lost = nodes.find((node, i) => node.op === 'variable' && !keep.has(i));
    if (lost) throw new Error(`the result does not use ${lost.name}`);
    const ids = [...keep].sort((a, b) => a - b), place = new Map(ids.map((id, i) => [id, i]));
    return ids.map(id => ({ ...nodes[id], args: nodes[id].args.map(a => place.get(a)) }));
  };

  let text, nodes, values, step, mode, along;
  const variables = () => nodes.filter(node => node.op === 'variable');
  const steps = () => nodes.map((_, i) => i).filter(i => nodes[i].op !== 'variable');
  const run = () => nodes.forEach(node => {
    const [a, b] = node.args.map(i => nodes[i].value);
    if (node.op === 'variable') { node.value = values[node.name]; node.slopes = []; return; }
    if (node.op in UNARY) {
      const [f, slope] = UNARY[node.op];
      node.value = f(a); node.slopes = [slope(a, node.value)]; return;
    }
    const [f, slope] = BINARY[node.op];
    const left = 'left' in node ? node.left : a, right = 'left' in node ? a : 'right' in node ? node.right : b;
    node.value = f(left, right);
    const both = slope(left, right, node.value);
    node.slopes = 'left' in node ? [both[1]] : 'right' in node ? [both[0]] : both;
  });
  // The first `count` steps of a sweep: what each box holds, undefined where nothing has arrived.
  const backward = count => {
    const grad = nodes.map(() => undefined);
    grad[nodes.length - 1] = 1;
    for (const i of steps().reverse().slice(0, count)) nodes[i].args.forEach((a, k) => {
      grad[a] = (grad[a] ?? 0) + grad[i] * nodes[i].slopes[k];
    });
    return grad;
  };
  const forward = (name, count) => {
    const tangent = nodes.map(node => node.op === 'variable' ? +(node.name === name) : undefined);
    for (const i of steps().slice(0, count)) tangent[i] = nodes[i].args.reduce((sum, a, k) => sum + nodes[i].slopes[k] * tangent[a], 0);
    return tangent;
  };
  // All paths from a variable to the result, one by one, as long as they are few.
  const paths = () => {
    const found = new Map(variables().map(({ name }) => [name, { count: 0, edges: 0, sum: 0 }]));
    let all = 0;
    const climb = (i, product, length) => {
      if (all > 4000) return;
      if (nodes[i].op === 'variable') {
        const own = found.get(nodes[i].name);
        all++; own.count++; own.edges += length; own.sum += product;
      }
      nodes[i].args.forEach((a, k) => climb(a, product * nodes[i].slopes[k], length + 1));
    };
    climb(nodes.length - 1, 1, 0);
    return found;
  };

  // The place of every box: rows by depth, in each row ordered and moved near to what it is linked with.
  const layout = () => {
    const depth = [];
    nodes.forEach((node, i) => { depth[i] = 1 + Math.max(-1, ...node.args.map(a => depth[a])); });
    nodes.forEach((node, i) => { if (node.op === 'variable') depth[i] = Math.min(...nodes.flatMap((n, j) => n.args.includes(i) ? [depth[j]] : [])) - 1; });
    const row = new Map(nodes.map((_, i) => [`${i}`, depth[i]])), chains = [];
    nodes.forEach((node, j) => node.args.forEach((i, k) => {
      const chain = [`${i}`];
      for (let d = depth[i] + 1; d < depth[j]; d++) { chain.push(`${i}|${d}`); row.set(`${i}|${d}`, d); }
      chains.push({ keys: [...chain, `${j}`], from: i, to: j, slot: k });
    }));
    const rows = [];
    for (const [key, d] of row) (rows[d] ??= []).push(key);
    const linked = new Map([...row.keys()].map(key => [key, [[], []]]));
    for (const { keys } of chains) keys.slice(1).forEach((b, i) => { linked.get(keys[i])[1].push(b); linked.get(b)[0].push(keys[i]); });
    const mean = list => list.reduce((a, b) => a + b, 0) / list.length;
    for (let sweep = 0; sweep < 10; sweep++) for (const keys of sweep % 2 ? [...rows].reverse() : rows) {
      const rank = new Map(rows.flatMap(keys => keys.map((key, i) => [key, (i + .5) / keys.length])));
      const wanted = new Map(keys.map(key => { const near = linked.get(key)[sweep % 2]; return [key, near.length ? mean(near.map(n => rank.get(n))) : rank.get(key)]; }));
      keys.sort((a, b) => wanted.get(a) - wanted.get(b));
    }
    const width = key => key.includes('|') ? LANE : BOX, x = new Map([...row.keys()].map(key => [key, 0]));
    for (let pass = 0; pass < 40; pass++) for (const keys of rows) {
      let offset = 0;
      const offsets = keys.map((key, i) => i ? offset += (width(keys[i - 1]) + width(key)) / 2 + GAP : 0);
      const free = keys.map((key, i) => { const near = linked.get(key).flat(); return (near.length ? mean(near.map(n => x.get(n))) : x.get(key)) - offsets[i]; });
      const up = [...free], down = [...free];
      for (let i = 1; i < up.length; i++) up[i] = Math.max(up[i], up[i - 1]);
      for (let i = down.length - 2; i >= 0; i--) down[i] = Math.min(down[i], down[i + 1]);
      keys.forEach((key, i) => x.set(key, (up[i] + down[i]) / 2 + offsets[i]));
    }
    const left = Math.min(...[...x].map(([key, v]) => v - width(key) / 2));
    const right = Math.max(...[...x].map(([key, v]) => v + width(key) / 2));
    return { chains, wide: right - left + 24, tall: rows.length * ROW - (ROW - TALL) + 24, at: key => [x.get(key) - left + 12, row.get(key) * ROW + TALL / 2 + 12] };
  };

  make('style', root, { textContent: `
    .dl-machine .graph { --slope: #a83f00; --bg: var(--pst-color-background, Canvas); margin: .4rem 0; overflow-x: auto; }
    html[data-theme="dark"] .graph, [data-jp-theme-light="false"] .graph { --slope: #ff9d5c; }
    .dl-machine .graph svg { display: block; margin: 0 auto; font: 13px sans-serif; }
    .dl-machine .graph svg text { text-anchor: middle; fill: currentColor; }
    .dl-machine .graph svg text.slope { fill: var(--slope); font-weight: bold; }
    .dl-machine .graph svg .on { paint-order: stroke; stroke: var(--bg); stroke-width: 5px; }
    .dl-machine :is(select, input[type=text]) { font: inherit; color: inherit; background: var(--pst-color-background, Canvas);
      border: 1px solid currentColor; border-radius: .3rem; padding: .15rem .4rem; min-width: 0; max-width: 100%; }
    .dl-machine input[type=text] { flex: 1 1 12rem; font-family: monospace; }
    .dl-machine :is(select, summary):focus-visible { outline: 2px solid #E69F00; outline-offset: 2px; }
    .dl-machine .graph + details { overflow-x: auto; }
    .dl-machine details td, .dl-machine details th { padding: .1rem .6rem; text-align: left; }` });
  const controls = () => make('div', root, { className: 'controls' });
  const button = (parent, words, onclick) => make('button', parent, { type: 'button', textContent: words, onclick });
  const labelled = (parent, words, tag, set = {}) => { const label = make('label', parent, { textContent: words }); return make(tag, label, { ariaLabel: words, ...set }); };
  const top = controls(), choice = labelled(top, 'program', 'select');
  data.examples.forEach(({ name }, i) => make('option', choice, { textContent: name, value: i }));
  const form = make('form', root, { className: 'controls' });
  const entry = labelled(form, 'its text', 'input', { type: 'text', spellcheck: false, autocomplete: 'off', maxLength: 120 });
  make('button', form, { type: 'submit', textContent: 'draw' });
  const error = make('p', root, { className: 'readout' }), sliders = controls(), moves = controls();
  error.setAttribute('role', 'alert');
  const direction = labelled(moves, 'slopes', 'select');
  const one = button(moves, 'one step', () => { step = Math.min(step + 1, steps().length); show(); });
  const all = button(moves, 'to the end', () => { step = steps().length; show(); });
  button(moves, 'start again', () => { step = 0; show(); });
  const said = make('p', root, { className: 'readout' }), frame = make('div', root, { className: 'graph' });
  said.setAttribute('aria-live', 'polite');
  said.style.minHeight = '3em';
  const details = make('details', root), price = make('p', root, { className: 'readout' });
  make('summary', details, { textContent: 'the same as a table' });
  const table = make('table', details);

  const called = i => nodes[i].name ?? `step ${i + 1 - nodes.slice(0, i).filter(n => n.op === 'variable').length}`;
  const label = i => nodes[i].op !== 'variable' && nodes[i].name ? `${nodes[i].name} :  ${nodes[i].label}` : nodes[i].label;
  const sentence = (order, held) => {
    const result = called(nodes.length - 1), end = step === order.length;
    if (!step) return mode === 'backward' ? `The result is ${number(nodes.at(-1).value)}. Its slope with respect to itself is 1; all others are not known yet.`
      : `The slope of ${along} with respect to itself is 1, that of the other variables is 0.`;
    const i = order[step - 1], { args, slopes, label } = nodes[i];
    const terms = args.map((a, k) => mode === 'backward' ? `${number(held[i])} · ${number(slopes[k])} to ${called(a)}` : `${number(slopes[k])} · ${number(held[a])}`);
    const now = mode === 'backward' ? `Step ${step} of ${order.length}: ${called(i)} (${label}) sends ${terms.join(' and ')}.`
      : `Step ${step} of ${order.length}: ${called(i)} (${label}) has the slope ${terms.join(' + ')} = ${number(held[i])}.`;
    if (!end) return now;
    return `${now} Done: ` + (mode === 'backward' ? variables().map(({ name }, _, list) => `∂${result}/∂${name} = ${number(held[nodes.findIndex(n => n.name === name)])}`).join(', ') : `∂${result}/∂${along} = ${number(held.at(-1))}`) + '.';
  };
  const picture = (order, held) => {
    const { chains, wide, tall, at } = layout(), done = new Set(order.slice(0, step)), now = step ? order[step - 1] : -1;
    frame.textContent = '';
    const svg = draw('svg', frame, { viewBox: `0 0 ${wide} ${tall}`, role: 'img', 'aria-label': `The graph of ${text}, variables on top, the result below. The table holds its numbers.`, style: `max-width:${wide}px;width:100%` });
    const entries = new Map();
    for (const chain of [...chains].sort((a, b) => at(a.keys.at(-2))[0] - at(b.keys.at(-2))[0])) {
      const own = entries.get(chain.to) ?? entries.set(chain.to, []).get(chain.to);
      own.push(chain);
    }
    const labels = [];
    for (const [to, own] of entries) own.forEach((chain, n) => {
      const enter = (n - (own.length - 1) / 2) * 40, points = chain.keys.map(at);
      let [x, y] = points[0], path;
      const twin = own.length === 2 && own[0].from === own[1].from ? enter : 0;
      x += twin; y += TALL / 2; path = `M${x} ${y}`;
      points.slice(1).forEach(([px, py], i) => {
        const last = i === points.length - 2, [ex, ey] = [last ? px + enter : px, last ? py - TALL / 2 - 3 : py - TALL / 2];
        const middle = (y + ey) / 2;
        path += ` C${x} ${middle} ${ex} ${middle} ${ex} ${ey}`;
        if (last) labels.push([(x + ex) / 2 + (ex - x) * .12, middle + 6, chain]);
        [x, y] = [ex, ey];
        if (!last) { y = py + TALL / 2; path += ` L${x} ${y}`; }
      });
      const lit = done.has(to);
      draw('path', svg, { d: path, fill: 'none', stroke: lit ? 'var(--slope)' : 'currentColor', 'stroke-width': to === now ? 3 : 1.3, opacity: lit ? 1 : .6 });
      draw('path', svg, { d: `M${x} ${y + 3} l-4 -8 l8 0 z`, fill: lit ? 'var(--slope)' : 'currentColor' });
    });
    for (const [x, y, { to, slot }] of labels) if (done.has(to)) draw('text', svg, { x, y, class: 'slope on', 'font-size': 12 }, `× ${number(nodes[to].slopes[slot])}`);
    nodes.forEach((node, i) => {
      const [x, y] = at(`${i}`), colour = node.op === 'variable' ? 'var(--dl-green, #009e73)' : 'var(--dl-blue, #0072b2)';
      draw('rect', svg, { x: x - BOX / 2, y: y - TALL / 2, width: BOX, height: TALL, rx: 7, fill: 'var(--bg)', stroke: i === now ? '#E69F00' : colour, 'stroke-width': i === now ? 4 : i === nodes.length - 1 ? 3 : 1.6 });
      draw('text', svg, { x, y: y - 14, 'font-weight': 'bold' }, label(i));
      draw('text', svg, { x, y: y + 4 }, number(node.value));
      draw('text', svg, { x, y: y + 23, class: 'slope' }, held[i] === undefined ? '·' : number(held[i]));
    });
  };
  const tabulate = held => {
    table.textContent = '';
    const head = make('tr', table);
    ['box', 'made from', 'value', 'local slopes', 'slope'].forEach(words => make('th', head, { textContent: words, scope: 'col' }));
    nodes.forEach((node, i) => {
      const line = make('tr', table), cells = [called(i), node.op === 'variable' ? 'variable' : `${node.label} of ${node.args.map(called).join(', ')}`, number(node.value), node.slopes.map(number).join(', '), held[i] === undefined ? '' : number(held[i])];
      cells.forEach(words => make('td', line, { textContent: words }));
    });
  };
  const show = () => {
    run();
    const order = mode === 'backward' ? steps().reverse() : steps(), held = mode === 'backward' ? backward(step) : forward(along, step);
    const walked = paths(), edges = nodes.reduce((sum, node) => sum + node.args.length, 0), list = [...walked.values()];
    const count = list.reduce((sum, p) => sum + p.count, 0), products = list.reduce((sum, p) => sum + p.edges, 0), n = list.length;
    said.textContent = sentence(order, held);
    const odd = nodes.find(node => !Number.isFinite(node.value) || node.slopes.some(s => !Number.isFinite(s)));
    if (odd) said.textContent += ` ${odd.label} has no value or no slope there.`;
    price.textContent = `Multiplications for all ${n === 1 ? 'of it' : `${n} slopes`}: backward ${edges} (one sweep over the edges), forward ${n * edges} (${n} sweep${n === 1 ? '' : 's'}), `
      + (count > 4000 ? 'path by path more than 4000.' : `path by path ${products} (${count} path${count === 1 ? '' : 's'}).`);
    picture(order, held); tabulate(held);
    one.disabled = all.disabled = step === order.length;
    const full = backward(nodes.length), result = {};
    variables().forEach(({ name }) => { result[name] = forward(name, nodes.length).at(-1); });
    root.state = { text, mode, step, steps: order.length, held, edges, values: { ...values }, value: nodes.at(-1).value, count, products,
      labels: nodes.map((_, i) => label(i)), named: Object.fromEntries(nodes.flatMap((node, i) => node.name ? [[node.name, node.value]] : [])),
      gradients: Object.fromEntries(nodes.flatMap((node, i) => node.name ? [[node.name, full[i]]] : [])),
      slopes: result, sums: Object.fromEntries([...walked].map(([name, p]) => [name, p.sum])), error: error.textContent };
  };

  const turn = () => { [mode, along] = direction.value === 'backward' ? ['backward', null] : ['forward', direction.value.slice(8)]; step = 0; };
  const load = (program, start = {}) => {
    try { nodes = read(program); } catch (problem) {
      error.textContent = `This cannot be drawn: ${problem.message}.`;
      if (root.state) root.state.error = error.textContent;
      return;
    }
    error.textContent = ''; text = program; entry.value = program;
    values = Object.fromEntries(variables().map(({ name }, i) => [name, start[name] ?? values?.[name] ?? [1.5, .5, -1, 2][i % 4]]));
    sliders.textContent = '';
    for (const { name } of variables()) {
      const input = labelled(sliders, name, 'input', { type: 'range', min: -3, max: 3, step: .1, value: values[name] });
      const shown = make('span', input.parentNode, { className: 'number', textContent: number(values[name]) });
      shown.style.minWidth = '2.4rem';
      input.setAttribute('aria-label', `value of ${name}`);
      input.oninput = () => { values[name] = +input.value; shown.textContent = number(values[name]); show(); };
    }
    direction.textContent = '';
    make('option', direction, { value: 'backward', textContent: 'backward: all at once' });
    for (const { name } of variables()) make('option', direction, { value: `forward ${name}`, textContent: `forward: of ${name}` });
    turn(); show();
  };
  choice.onchange = () => load(data.examples[choice.value].text, data.examples[choice.value].values);
  direction.onchange = () => { turn(); show(); };
  form.onsubmit = event => { event.preventDefault(); load(entry.value.trim()); };
  load(data.examples[0].text, data.examples[0].values);
}
