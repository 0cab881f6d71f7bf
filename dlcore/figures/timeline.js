(root, data, { make, shape }) => {
  const narrow = root.parentElement.clientWidth < 480; // root is not laid out while it is empty
  const [W, SLOTS, RADIUS, STEP] = narrow ? [330, 30, 4, 9] : [600, 44, 5, 13], H = 150, BASE = 112;
  const COLOURS = { idea: 'var(--dl-blue, #0072b2)', machine: '#E69F00', tool: 'var(--dl-green, #009e73)', setback: '#D55E00', people: '#CC79A7' };
  const waveOf = year => data.waves.find(w => w.start <= year && year <= w.end)?.name ?? (year < data.waves[0].start ? 'before' : 'between');
  const places = ['before', ...data.waves.map(w => w.name), 'between'].filter(p => data.events.some(e => waveOf(e.year) === p));
  let place = 'all', kind = 'all', words = '', shown = [], now = data.events[0];

  const top = make('div', root, { className: 'controls' });
  const field = 'font:inherit;color:inherit;background:transparent;border:1px solid currentColor;border-radius:.3rem;padding:.15rem;min-width:0;max-width:100%';
  const choose = (text, options, change) => {
    const label = make('label', top, { textContent: text });
    label.style.flex = '1 1 8rem';
    const pick = make('select', label);
    pick.style.cssText = field;
    pick.setAttribute('aria-label', text.trim());
    for (const name of ['all', ...options]) make('option', pick, { textContent: name, value: name }).style.cssText = 'color:black;background:white';
    pick.addEventListener('change', () => { change(pick.value); filter(); });
  };
  choose('when ', places, value => { place = value; });
  choose('what ', data.kinds, value => { kind = value; });
  const label = make('label', top, { textContent: 'find ' });
  label.style.flex = '1 1 8rem';
  const find = make('input', label, { type: 'search' });
  find.setAttribute('aria-label', 'find');
  find.style.cssText = field + ';width:100%';
  find.addEventListener('input', () => { words = find.value.toLowerCase(); filter(); });

  const svg = shape('svg', root, { viewBox: `0 0 ${W} ${H}`, 'aria-hidden': 'true' });
  svg.style.cssText = 'cursor:pointer;overflow:visible;display:block';
  const X = x => 16 + x * (W - 32);
  for (const wave of data.waves) {
    shape('rect', svg, { x: X(wave.x), y: 20, width: X(wave.to) - X(wave.x), height: BASE - 14, fill: '#56B4E9', opacity: 0.22 });
    shape('text', svg, { x: (X(wave.x) + X(wave.to)) / 2, y: 14, 'text-anchor': 'middle', 'font-size': narrow ? 11 : 14 }, wave.name);
  }
  shape('path', svg, { d: `M${X(0)} ${BASE + 6}H${X(1)}`, stroke: 'currentColor' });
  for (const [year, x] of data.ticks) {
    shape('path', svg, { d: `M${X(x)} ${BASE + 6}v6`, stroke: 'currentColor' });
    shape('text', svg, { x: X(x), y: BASE + 28, 'text-anchor': 'middle', 'font-size': narrow ? 12 : 14 }, year);
  }
  const slots = {};
  const dots = data.events.map(event => {
    const slot = Math.round(SLOTS * event.x), level = slots[slot] = (slots[slot] ?? -1) + 1;
    return shape('circle', svg, { cx: X(slot / SLOTS), cy: BASE - 4 - STEP * level, r: RADIUS, fill: COLOURS[event.kind] });
  });

  const walk = make('div', root, { className: 'controls' });
  const step = (text, by) => make('button', walk, { type: 'button', textContent: text, onclick: () => go(shown.indexOf(now) + by) });
  const back = step('← earlier', -1), on = step('later →', 1);
  const slider = make('input', walk, { type: 'range', min: 0, step: 1 });
  slider.style.cssText = 'flex:1 1 12rem';
  slider.setAttribute('aria-label', 'event');
  slider.addEventListener('input', () => go(+slider.value));
  const card = make('div', root);
  card.setAttribute('aria-live', 'polite');
  card.style.cssText = 'min-height:9rem';
  const list = make('details', root);
  const summary = make('summary', list), items = make('ol', list);
  items.style.cssText = 'list-style:none;padding:0;margin:.4rem 0 0;max-height:16rem;overflow:auto';
  items.tabIndex = 0;
  items.setAttribute('aria-label', 'the events');

  const go = i => { now = shown[Math.max(0, Math.min(shown.length - 1, i))]; draw(); };
  const draw = () => {
    const i = shown.indexOf(now);
    dots.forEach((dot, n) => {
      const event = data.events[n];
      dot.setAttribute('opacity', shown.includes(event) ? 1 : 0.15);
      dot.setAttribute('stroke', 'currentColor');
      dot.setAttribute('stroke-width', event === now ? 3 : 0);
      dot.setAttribute('r', event === now ? RADIUS + 2 : RADIUS);
    });
    back.disabled = i <= 0; on.disabled = i < 0 || i === shown.length - 1;
    for (const button of [back, on]) button.style.opacity = button.disabled ? 0.5 : 1;
    slider.max = Math.max(0, shown.length - 1); slider.value = i; slider.disabled = !shown.length;
    slider.setAttribute('aria-valuetext', now ? `${now.year}: ${now.title}` : 'none');
    card.replaceChildren();
    const head = make('div', card);
    head.style.cssText = 'display:flex;gap:.6rem;align-items:baseline;flex-wrap:wrap';
    make('strong', head, { textContent: now ? now.year : '' }).style.fontSize = '1.3em';
    make('strong', head, { textContent: now ? now.title : 'No event is left: choose less narrowly.' });
    if (now) {
      const mark = make('span', head, { textContent: `${now.kind} · ${waveOf(now.year)}` });
      mark.style.cssText = `font-size:.85em;border-left:.7rem solid ${COLOURS[now.kind]};padding-left:.4rem`;
      make('p', card, { textContent: now.text }).style.margin = '.3rem 0';
      const from = make('p', card, { textContent: 'Source: ' });
      from.style.cssText = 'margin:0;font-size:.85em';
      now.sources.forEach(([text, href], n) => {
        if (n) from.append('; ');
        if (href) Object.assign(make('a', from, { textContent: text, href }).style, { textDecoration: 'underline' });
        else from.append(text);
      });
    }
    for (const button of items.querySelectorAll('button')) button.setAttribute('aria-current', button.event === now);
    root.state = { shown: shown.map(e => e.title), now: now?.title, year: now?.year, wave: now && waveOf(now.year), i };
  };
  const filter = () => {
    shown = data.events.filter(e => (place === 'all' || waveOf(e.year) === place) && (kind === 'all' || e.kind === kind)
      && `${e.year} ${e.title} ${e.text}`.toLowerCase().includes(words));
    if (!shown.includes(now)) now = shown[0];
    summary.textContent = `${shown.length} of ${data.events.length} events as a list`;
    items.replaceChildren();
    shown.forEach((event, i) => {
      const button = make('button', make('li', items), { type: 'button', textContent: `${event.year}  ${event.title}`, onclick: () => go(i) });
      button.event = event;
      button.style.cssText = 'border:0;text-align:left;padding:.2rem .4rem;width:100%';
    });
    draw();
  };
  svg.addEventListener('click', event => {
    const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) * W / box.width, y = (event.clientY - box.top) * H / box.height;
    const far = dots.map((dot, n) => shown.includes(data.events[n]) ? Math.hypot(dot.getAttribute('cx') - x, dot.getAttribute('cy') - y) : Infinity);
    const near = Math.min(...far);
    if (near < 40) { now = data.events[far.indexOf(near)]; draw(); }
  });
  filter();
}
