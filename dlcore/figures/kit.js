{
  // What every machine builds its controls and pictures with; it comes as the third argument.
  make: (tag, parent, set = {}) => parent.appendChild(Object.assign(document.createElement(tag), set)),
  shape: (tag, parent, set = {}, text = '') => { // make, for SVG
    const node = parent.appendChild(document.createElementNS('http://www.w3.org/2000/svg', tag));
    for (const key in set) node.setAttribute(key, set[key]);
    node.textContent = text;
    return node;
  },
  press: (button, on) => { // a button that stays pressed
    button.setAttribute('aria-pressed', on);
    button.style.background = on ? 'color-mix(in srgb, currentColor 20%, transparent)' : 'transparent';
  },
}
