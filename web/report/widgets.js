// What the reports are built from: numbers as text, elements, tables, small charts. Text from outside enters the page as
// text nodes only, never as markup.
'use strict';

const DASH = '–';
const isNumber = (x) => typeof x === 'number' && Number.isFinite(x);
const minus = (text) => (/[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', '')); // no "−0.00"

const format = {
  number: (x, digits = 2) =>
    isNumber(x) ? minus(x.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })) : DASH,
  count: (x) => format.number(x, 0),
  money: (x) => format.number(x, isNumber(x) && Math.abs(x) >= 1e6 ? 0 : 2),
  signed: (x) => (isNumber(x) && x > 0 ? '+' : '') + format.money(x),
  percent: (x, digits = 2) => (isNumber(x) ? format.number(100 * x, digits) + ' %' : DASH),
  signedPercent: (x, digits = 2) => (isNumber(x) && x > 0 ? '+' : '') + format.percent(x, digits),
  significant: (x, digits = 4) => {
    if (!isNumber(x)) return DASH;
    if (x !== 0 && (Math.abs(x) >= 1e9 || Math.abs(x) < 1e-5)) return minus(x.toExponential(digits - 1));
    return minus(x.toLocaleString('en-US', { maximumSignificantDigits: digits }));
  },
  short: (x, digits = 3) => {
    if (!isNumber(x)) return DASH;
    for (const [unit, letter] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
      if (Math.abs(x) >= unit * (1 - 0.5 * 10 ** -digits)) return format.significant(x / unit, digits) + letter; // 999,999.9 is 1M
    }
    return format.significant(x, digits);
  },
  time: (ms, hasSeconds = true) => {
    if (!isNumber(ms)) return DASH;
    return new Date(ms).toISOString().replace('T', ' ').slice(0, hasSeconds ? 19 : 16);
  },
  rfc: (text) => (text ? text.replace('T', ' ').replace(/(\.\d{3})\d*Z$|Z$/, '$1') : DASH),
  length: (s) => {
    if (!isNumber(s)) return DASH;
    for (const [unit, letter] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
      if (s >= unit) return format.number(s / unit, s / unit < 10 && s % unit ? 1 : 0) + ' ' + letter;
    }
    return format.significant(s, 3) + ' s';
  },
};

const toneOf = (x) => (isNumber(x) && x !== 0 ? (x > 0 ? 'gain' : 'loss') : '');

/** An element with attributes (`class`, `on…`, others) and children: elements or text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function drawn(tag, attributes = {}, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const withTip = (shape, tip) => (shape.append(drawn('title', {}, tip)), shape);

// --- Theme. Charts on canvas register to be drawn again. ---------------------------------------------------------

const theme = {
  listeners: [],
  printers: [], // called with the light theme set: what cannot draw itself while the browser prints leaves a picture
  color: (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(),
  get: () => document.documentElement.dataset.theme,
  set(name) {
    document.documentElement.dataset.theme = name;
    for (const listener of theme.listeners) listener();
  },
  start() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    let isChosen = false;
    theme.set(system.matches ? 'dark' : 'light');
    system.addEventListener('change', () => isChosen || theme.set(system.matches ? 'dark' : 'light'));
    let before = null; // printed pages are light
    addEventListener('beforeprint', () => {
      before = theme.get();
      theme.set('light');
      for (const printer of theme.printers) printer();
    });
    addEventListener('afterprint', () => { if (before) theme.set(before); before = null; });
    const name = () => (theme.get() === 'dark' ? 'Light' : 'Dark');
    const button = make('button', { id: 'theme', type: 'button', onclick: () => {
      isChosen = true;
      theme.set(theme.get() === 'dark' ? 'light' : 'dark');
    } });
    const tell = () => { button.textContent = name(); button.setAttribute('aria-label', name() + ' theme'); };
    theme.listeners.push(tell);
    tell();
    return button;
  },
};

// --- Parts of a page. ---------------------------------------------------------------------------------------------

function addSection(id, title, about, ...children) {
  const section = make('section', { id }, make('h2', {}, title), about ? make('p', { class: 'about' }, about) : null, children);
  document.getElementById('report').append(section);
  return section;
}

function figure(label, value, below, tone, tip) {
  return make('div', { class: 'figure', title: tip }, make('div', { class: 'label' }, label),
    make('div', { class: 'value ' + (tone || '') }, value), make('div', { class: 'below' }, below || ''));
}

function pairs(rows, kind = '') {
  return make('table', { class: 'pairs ' + kind }, make('tbody', {}, rows.map(([label, value, tip, tone]) =>
    make('tr', { title: tip }, make('td', { class: 'left' }, label), make('td', { class: tone || '' }, value)))));
}

const legend = (...entries) => make('div', { class: 'legend' }, entries.map(([name, color]) => {
  const mark = make('i');
  mark.style.background = `var(--${color})`;
  return make('span', {}, mark, name);
}));

/**
 * A table whose columns sort. Columns: {label, value(row), text(value, row), left, tone or toneOf(row), wrap, tip}. Options: `pageSize` (all
 * rows where 0), `total` (a last row that stays last), `onRow(row)`, `sort` [column, isDescending].
 */
function sortable(columns, rows, options = {}) {
  let [by, isDescending] = options.sort || [null, false], page = 0, shown = rows;
  const body = make('tbody'), pager = make('div', { class: 'controls' });
  const cell = (column, row) => {
    const value = column.value(row);
    const tone = column.toneOf ? column.toneOf(row) : column.tone ? toneOf(value) : '';
    return make('td', { class: [column.left ? 'left' : '', column.wrap ? 'wrap' : '', tone].join(' ').trim() },
      column.text ? column.text(value, row) : String(value ?? DASH));
  };
  const heads = columns.map((column, i) => make('th', { class: column.left ? 'left' : '', title: column.tip, scope: 'col' },
    make('button', { type: 'button', onclick: () => {
      isDescending = by === i ? !isDescending : !column.left;
      by = i;
      page = 0;
      draw();
    } }, column.label)));
  const ordered = () => {
    if (by === null) return shown;
    const direction = isDescending ? -1 : 1, none = (x) => x === null || x === undefined || Number.isNaN(x);
    return shown.map((row) => [columns[by].value(row), row]).sort(([a], [b]) => {
      if (none(a) || none(b)) return none(a) - none(b);
      return direction * (typeof a === 'string' ? a.localeCompare(b) : a - b);
    }).map(([, row]) => row);
  };
  function draw() {
    const list = ordered(), size = options.pageSize || Math.max(list.length, 1), pages = Math.max(1, Math.ceil(list.length / size));
    page = Math.min(page, pages - 1);
    heads.forEach((head, i) => (i === by ? head.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending')
      : head.removeAttribute('aria-sort')));
    body.replaceChildren(...list.slice(page * size, (page + 1) * size).map((row) => {
      const line = make('tr', options.onRow ? { class: 'link', tabindex: 0 } : {}, columns.map((column) => cell(column, row)));
      if (options.onRow) {
        const choose = () => {
          body.querySelectorAll('.chosen').forEach((other) => other.classList.remove('chosen'));
          line.classList.add('chosen');
          options.onRow(row);
        };
        line.addEventListener('click', choose);
        line.addEventListener('keydown', (event) => event.key === 'Enter' && choose());
      }
      return line;
    }), ...(options.total ? [make('tr', { class: 'total' }, columns.map((column) => cell(column, options.total)))] : []));
    if (!options.pageSize) return;
    const turn = (by_) => () => { page += by_; draw(); };
    const back = make('button', { type: 'button', onclick: turn(-1) }, 'Previous');
    const next = make('button', { type: 'button', onclick: turn(1) }, 'Next');
    back.disabled = page === 0;
    next.disabled = page + 1 >= pages;
    const first = list.length ? page * size + 1 : 0;
    pager.replaceChildren(back, next, make('span', { class: 'muted' },
      `${format.count(first)}–${format.count(Math.min(list.length, (page + 1) * size))} of ${format.count(list.length)}`));
  }
  draw();
  const element = make('div', {}, make('div', { class: 'scroll' },
    make('table', {}, make('thead', {}, make('tr', {}, heads)), body)), options.pageSize ? pager : null);
  return { element, show: (list) => { shown = list; page = 0; draw(); }, rows: ordered };
}

// --- Small charts, as SVG: they follow the theme and print sharp. -------------------------------------------------

function ticksOf(low, high, most = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) || 10);
  const ticks = [];
  for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + step * 1e-9; t += step) ticks.push(Math.abs(t) < step * 1e-9 ? 0 : t);
  return ticks;
}

const plotWidth = () => (innerWidth < 720 ? 360 : 560);

/** The frame of a chart with a vertical scale: returns {svg, x0, x1, y(value)}. */
function frame({ width = plotWidth(), height = 190, low, high, text = (v) => format.short(v), left = 46, bottom = 20 }) {
  const svg = drawn('svg', { class: 'plot', viewBox: `0 0 ${width} ${height}`, role: 'img' });
  if (!(high > low)) { low -= 1; high += 1; }
  const top = 8, y = (v) => top + (height - top - bottom) * (1 - (v - low) / (high - low));
  for (const tick of ticksOf(low, high, 4)) {
    svg.append(drawn('line', { class: tick === 0 ? 'axis' : 'grid', x1: left, x2: width, y1: y(tick), y2: y(tick) }),
      drawn('text', { x: left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, text(tick)));
  }
  return { svg, x0: left, x1: width, y, height, bottom };
}

/** Bars from zero. Rows: {label, value, tip, tone, band: [low, high]}. */
function bars(rows, options = {}) {
  const values = rows.flatMap((row) => [row.value, ...(row.band || [])]).filter(isNumber);
  const { svg, x0, x1, y, height } = frame({ ...options, low: Math.min(0, ...values), high: Math.max(0, ...values) });
  const step = (x1 - x0) / Math.max(1, rows.length), every = Math.ceil(rows.length / Math.max(1, Math.floor((x1 - x0) / (options.labelWidth || 44))));
  rows.forEach((row, i) => {
    const x = x0 + i * step, wide = Math.max(0.6, Math.min(step * 0.78, 46)), middle = x + step / 2;
    if (isNumber(row.value)) {
      const from = Math.min(y(0), y(row.value)), tall = Math.max(0.75, Math.abs(y(0) - y(row.value)));
      svg.append(withTip(drawn('rect', { class: row.tone || toneOf(row.value) || 'neutral', x: middle - wide / 2, width: wide, y: from,
        height: tall, rx: Math.min(2, wide / 4) }), row.tip || `${row.label}: ${format.short(row.value)}`));
      if (row.band && row.band.every(isNumber)) {
        svg.append(drawn('path', { class: 'band', d: `M${middle} ${y(row.band[0])}V${y(row.band[1])}M${middle - 3} ${y(row.band[0])}h6M${middle - 3} ${y(row.band[1])}h6` }));
      }
    }
    if (i % every === 0) svg.append(drawn('text', { x: middle, y: height - 5, 'text-anchor': 'middle' }, row.label));
  });
  return svg;
}

/** Counts between edges. */
function histogram(edges, counts, options = {}) {
  const { svg, x0, x1, y, height } = frame({ ...options, low: 0, high: Math.max(1, ...counts) });
  const from = edges[0], to = edges[edges.length - 1], x = (v) => x0 + (x1 - x0) * (to > from ? (v - from) / (to - from) : 0.5);
  const text = options.xText || ((v) => format.short(v));
  counts.forEach((count, i) => {
    if (!count) return;
    const left = to > from ? x(edges[i]) : x0, right = to > from ? x(edges[i + 1]) : x1;
    const tone = options.isSigned ? (edges[i] + edges[i + 1] >= 0 ? 'gain' : 'loss') : 'accent';
    svg.append(withTip(drawn('rect', { class: tone, x: left + 0.4, width: Math.max(0.6, right - left - 0.8), y: y(count), height: Math.max(0.75, y(0) - y(count)) }),
      `${text(edges[i])} to ${text(edges[i + 1])}: ${format.count(count)}`));
  });
  for (const tick of ticksOf(from, to, 5)) {
    const at = x(tick);
    svg.append(drawn('text', { x: at, y: height - 5, 'text-anchor': at > x1 - 16 ? 'end' : at < x0 + 16 ? 'start' : 'middle' }, text(tick)));
  }
  return svg;
}

/** A colour between loss, nothing and gain for `share` from -1 to 1. */
const heatColor = (share) => {
  const part = Math.round(Math.min(1, Math.abs(share)) * 88);
  return `color-mix(in srgb, var(--${share >= 0 ? 'gain' : 'loss'}) ${part}%, var(--sunk))`;
};
