// The report of features: what millrace research --report writes.
'use strict';

const study = JSON.parse(document.getElementById('data').textContent);
const features = study.names.map((name, i) => ({ name, i, expression: study.expressions[i], nulls: study.null_shares[i], overall: study.overall[i] }));
const [RANK, RANK_ERROR, LINEAR, LINEAR_ERROR, ROWS, BLOCKS] = [0, 1, 2, 3, 4, 5];
const z95 = 1.96;
let chosen = 0, place = 0; // feature, instrument

const isClear = (one) => isNumber(one[RANK_ERROR]) && Math.abs(one[RANK]) > z95 * one[RANK_ERROR];
const withBand = (one) => (isNumber(one[RANK_ERROR]) ? `${format.number(one[RANK], 3)} ± ${format.number(z95 * one[RANK_ERROR], 3)}` : format.number(one[RANK], 3));

function drawHead() {
  const links = make('nav', { 'aria-label': 'Sections' });
  document.getElementById('top').append(make('div', { class: 'bar' }, make('div', { class: 'name' }, study.title), links,
    make('div', { class: 'tools' }, theme.start(), make('button', { type: 'button', onclick: () => print() }, 'Print'))));
  const times = study.coverage.filter((one) => one.rows > 0), ends = [times.map((one) => one.first).sort()[0], times.map((one) => one.last).sort().pop()];
  document.getElementById('report').append(make('div', { class: 'title' }, make('h1', {}, study.title), make('div', { class: 'span' },
    [`${format.count(study.instruments_total)} instrument${study.instruments_total === 1 ? '' : 's'}`, `${format.count(study.rows)} rows`,
      ends[0] ? `${format.rfc(ends[0]).slice(0, 16)} to ${format.rfc(ends[1]).slice(0, 16)} UTC` : null].filter(Boolean).join(' · '))));
  const banded = study.horizons.map((_, h) => features.filter((feature) => isNumber(feature.overall[h][RANK_ERROR])));
  const h = banded.findLastIndex((list) => list.length > 0); // a short run has no bands at long horizons
  const clear = h < 0 ? [] : banded[h].filter((feature) => isClear(feature.overall[h]));
  document.getElementById('report').append(make('div', { class: 'headline' },
    figure('Features', format.count(features.length), study.empty.length ? `${format.count(study.empty.length)} without any value` : 'all with values'),
    figure('Sample', format.count(study.sampled), study.stride === 1 ? 'every row' : `every ${format.count(study.stride)}th row of each instrument`),
    figure(h < 0 ? 'Clear features' : `Clear at ${study.horizons[h]}`, h < 0 ? DASH : format.count(clear.length),
      h < 0 ? 'the run is too short for bands' : `of ${format.count(banded[h].length)}; by chance alone about ${format.number(0.05 * banded[h].length, 0)}`, '', 'features whose 95 % band of the information coefficient leaves out 0'),
    figure('Rejected rows', format.count(study.coverage.reduce((sum, one) => sum + one.rejected, 0)), `of ${format.count(study.ledger.rows_read)} read`)));
  return links;
}

// --- Table of all features. ---------------------------------------------------------------------------------------

function drawOverview() {
  const section = addSection('overview', 'All features', 'Information coefficient: Spearman’s correlation of the feature with the log return of the mid that follows, over all instruments, weighted by rows. ' +
    'Bands of 95 % allow for overlapping returns: rows are summed up in blocks of time of at least five horizons, and blocks are taken as independent; instruments are taken to move as one. With fewer than 8 blocks there is no band. Clear ones are coloured. A click shows the feature below.');
  const table = sortable([
    { label: 'Feature', left: true, value: (f) => f.name },
    { label: 'Nulls', value: (f) => f.nulls, text: (x) => format.percent(x, 1) },
    ...study.horizons.map((horizon, h) => ({ label: `IC ${horizon}`, value: (f) => f.overall[h][RANK], text: (x, f) => withBand(f.overall[h]), toneOf: (f) => (isClear(f.overall[h]) ? toneOf(f.overall[h][RANK]) : '') })),
    { label: `Pearson ${study.horizons[2]}`, value: (f) => f.overall[2][LINEAR], text: (x) => format.number(x, 3) },
  ], features, { pageSize: 20, onRow: (f) => { choose(f.i); document.getElementById('feature').scrollIntoView({ block: 'start' }); } });
  const search = make('input', { type: 'search', placeholder: 'Find a feature', 'aria-label': 'Find a feature', oninput: () => table.show(features.filter((f) =>
    (f.name + ' ' + f.expression).toLowerCase().includes(search.value.toLowerCase()))) });
  table.element.id = 'feature-table';
  section.append(make('div', { class: 'controls' }, search), table.element);
}

// --- One feature. -------------------------------------------------------------------------------------------------

let choose = () => {};

/** Mean within the band of lowest and highest, over time. */
function bandChart(one, from, to) {
  const known = [...one.low, ...one.high].filter(isNumber);
  if (!known.length) return make('p', { class: 'empty' }, 'No value.');
  const { svg, x0, x1, y, height } = frame({ low: Math.min(...known), high: Math.max(...known) });
  const n = one.mean.length, x = (i) => x0 + 2 + (x1 - x0 - 4) * (i + 0.5) / n;
  let area = '';
  one.low.forEach((low, i) => { if (isNumber(low)) area += `M${x(i).toFixed(1)} ${y(low).toFixed(1)}V${(y(one.high[i]) - 0.5).toFixed(1)}`; });
  svg.append(drawn('path', { d: area, fill: 'none', stroke: 'var(--accent)', 'stroke-opacity': 0.25, 'stroke-width': ((x1 - x0) / n).toFixed(2) }));
  let path = '', isOpen = false;
  one.mean.forEach((value, i) => {
    if (isNumber(value)) path += `${isOpen ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    isOpen = isNumber(value);
  });
  svg.append(drawn('path', { class: 'line', d: path }), drawn('text', { x: x0, y: height - 5 }, from), drawn('text', { x: x1, y: height - 5, 'text-anchor': 'end' }, to));
  return svg;
}

function drawFeature() {
  const section = addSection('feature', 'One feature', 'Of one instrument and its sampled rows.');
  const byName = make('select', { id: 'feature-name', 'aria-label': 'Feature' }, features.map((f) => make('option', { value: f.i }, f.name)));
  const byPlace = make('select', { id: 'feature-place', 'aria-label': 'Instrument' }, study.instruments.map((one, i) => make('option', { value: i }, one.label)));
  const step = (by) => () => choose((chosen + by + features.length) % features.length);
  const body = make('div');
  section.append(make('div', { class: 'controls' }, byName, byPlace, make('button', { type: 'button', onclick: step(-1) }, 'Previous'), make('button', { type: 'button', onclick: step(1) }, 'Next'),
    study.instruments_total > study.instruments.length ? make('span', { class: 'muted' }, `the ${study.instruments.length} most active of ${format.count(study.instruments_total)} instruments`) : null), body);
  if (!study.instruments.length) return body.append(make('p', { class: 'empty' }, 'No row came in.'));
  const show = () => {
    const instrument = study.instruments[place], one = instrument.features[chosen];
    byName.value = chosen;
    byPlace.value = place;
    const from = format.rfc(instrument.first).slice(0, 16), to = format.rfc(instrument.last).slice(0, 16);
    const chart = (title, about, picture) => make('div', {}, make('h3', {}, title), picture, about ? make('p', { class: 'muted' }, about) : null);
    const none = (text) => make('p', { class: 'empty' }, text);
    const hasValues = one.values > 0, edges = Array.from({ length: one.counts.length + 1 }, (_, i) => one.from + (one.to - one.from) * i / one.counts.length);
    const ic = one.coefficients.map((c, h) => ({ label: study.horizons[h], value: c[RANK], tone: 'accent', band: isNumber(c[RANK_ERROR]) ? [c[RANK] - z95 * c[RANK_ERROR], c[RANK] + z95 * c[RANK_ERROR]] : undefined,
      tip: `${study.horizons[h]}: Spearman ${withBand(c)}, Pearson ${format.number(c[LINEAR], 3)}, ${format.count(c[ROWS])} rows in ${format.count(c[BLOCKS])} blocks` }));
    const three = (v) => format.number(v, 3);
    const hasAny = (values) => values.some(isNumber);
    body.replaceChildren(make('p', { class: 'about' }, make('b', {}, features[chosen].name), features[chosen].expression === features[chosen].name ? '' : ` = ${features[chosen].expression}`),
      make('div', { class: 'columns' },
        chart('Distribution', hasValues ? `${format.count(one.below)} below and ${format.count(one.above)} above the scale, which ends at the 0.5 % and 99.5 % quantiles.` : '', hasValues ? histogram(edges, one.counts) : none('No value.')),
        make('div', {}, make('h3', {}, 'Figures'), pairs([['Values / nulls', `${format.count(one.values)} / ${format.count(one.nulls)}`], ['Mean', format.significant(one.moments[0])], ['Standard deviation', format.significant(one.moments[1])],
          ['Minimum', format.significant(one.quantiles[0])], ['25 %', format.significant(one.quantiles[1])], ['Median', format.significant(one.quantiles[2])], ['75 %', format.significant(one.quantiles[3])], ['Maximum', format.significant(one.quantiles[4])]])),
        chart('Over time', 'Mean, and the range from lowest to highest.', bandChart(one, from, to)),
        chart('Nulls over time', null, bars(one.null_shares.map((share, i) => ({ label: i === 0 ? from.slice(5) : '', value: share, tone: 'neutral', tip: format.percent(share, 1) })), { text: (v) => format.percent(v, Math.max(0, ...one.null_shares.filter(isNumber)) < 0.05 ? 2 : 0), labelWidth: 10 })),
        chart('Autocorrelation', `By lag: rows of the sample, as median time between them.`, hasAny(one.autocorrelation) ? bars(one.autocorrelation.map((value, k) => ({ label: format.length(instrument.lags[k]), value, tone: 'accent',
          tip: `${format.length(instrument.lags[k])}: ${three(value)}` })), { text: three, labelWidth: 52 }) : none('Too few values, or all alike.')),
        chart('Information coefficient by horizon', 'Spearman, with bands of 95 %.', hasAny(ic.map((row) => row.value)) ? bars(ic, { text: three }) : none('No returns to compare with, or all alike.')),
        chart(`By hour of the day, ${study.group_horizon}`, 'UTC; hours with 30 rows or more.', hasAny(one.by_hour) ? bars(one.by_hour.map((value, h) => ({ label: String(h), value, tip: `${h}:00: ${three(value)}` })), { text: three, labelWidth: 22 }) : none('Too few rows in each hour.')),
        chart(`By regime, ${study.group_horizon}`, `Terciles of the volatility of the last minutes${hasAny(instrument.volatility_bounds) ? `: below ${format.percent(instrument.volatility_bounds[0], 1)}, up to ${format.percent(instrument.volatility_bounds[1], 1)}, above; a day` : ''}.`,
          hasAny(one.by_regime) ? bars(one.by_regime.map((value, r) => ({ label: ['calm', 'usual', 'lively'][r], value, tip: three(value) })), { text: three }) : none('Too few rows.'))));
  };
  choose = (i) => { chosen = i; show(); };
  byName.addEventListener('change', () => choose(+byName.value));
  byPlace.addEventListener('change', () => { place = +byPlace.value; show(); });
  show();
}

// --- Correlation matrix. ------------------------------------------------------------------------------------------

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function drawMatrix() {
  const n = study.order.length;
  const section = addSection('correlation', 'Correlation between features', 'Of ranks within each instrument, on rows where both have a value; ordered so that what moves together stands together (average linkage, distance 1 − |r|).' +
    (n < features.length ? ` The first ${format.count(n)} of ${format.count(features.length)} features.` : ''));
  if (n < 2 || !study.correlation.some(isNumber)) return section.append(make('p', { class: 'empty' }, 'Nothing to compare.'));
  const canvas = make('canvas', { class: 'plot', id: 'matrix', role: 'img', 'aria-label': 'Correlation matrix' }), readout_ = make('div', { class: 'readout' });
  const wide = Math.max(1, Math.min(16, Math.floor(1200 / n)));
  canvas.width = canvas.height = n * wide;
  canvas.style.maxWidth = `${Math.min(720, Math.max(n * 8, 320))}px`;
  const draw = () => {
    const context = canvas.getContext('2d'), [plus, less, zero, none] = ['accent', 'second', 'card', 'sunk'].map((name) => channels(theme.color(name)));
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j < n; j += 1) {
        const r = study.correlation[i * n + j], end = r >= 0 ? plus : less, share = Math.abs(r);
        const color = r === null ? none : zero.map((from, k) => Math.round(from + (end[k] - from) * share));
        context.fillStyle = `rgb(${color.join(',')})`;
        context.fillRect(j * wide, i * wide, wide, wide);
      }
    }
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientY - box.top, event.clientX - box.left].map((v, k) => Math.min(n - 1, Math.max(0, Math.floor(v / (k ? box.width : box.height) * n))));
  };
  const tell = (i, j) => {
    const text = make('span', {}, make('b', {}, features[study.order[i]].name), ' and ', make('b', {}, features[study.order[j]].name), ': ', make('b', {}, format.number(study.correlation[i * n + j], 3)));
    readout_.replaceChildren(text);
  };
  canvas.addEventListener('mousemove', (event) => tell(...at(event)));
  canvas.addEventListener('click', (event) => choose(study.order[at(event)[0]]));
  draw();
  theme.listeners.push(draw);
  const twins = [];
  for (let i = 0; i < n; i += 1) for (let j = i + 1; j < n; j += 1) if (isNumber(study.correlation[i * n + j])) twins.push({ a: features[study.order[i]].name, b: features[study.order[j]].name, r: study.correlation[i * n + j] });
  twins.sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
  tell(0, 1);
  section.append(make('div', { class: 'columns' }, make('div', {}, legend(['+1', 'accent'], ['−1', 'second']), readout_, canvas),
    make('div', {}, make('h3', {}, 'Closest pairs'), sortable([{ label: 'Feature', left: true, value: (row) => row.a }, { label: 'and', left: true, value: (row) => row.b }, { label: 'r', value: (row) => row.r, text: (x) => format.number(x, 3) }],
      twins.slice(0, 200), { pageSize: 15 }).element)));
}

function drawData() {
  const section = addSection('data', 'Data', `${format.count(study.ledger.rows_read)} rows were read.`);
  section.append(sortable([
    { label: 'Instrument', left: true, value: (one) => one.label }, { label: 'Rows', value: (one) => one.rows, text: format.count }, { label: 'Rejected', value: (one) => one.rejected, text: format.count },
    { label: 'Sampled', value: (one) => one.sampled, text: format.count }, { label: 'First', value: (one) => one.first, text: format.rfc }, { label: 'Last', value: (one) => one.last, text: format.rfc },
    { label: 'Longest silence', value: (one) => one.longest_gap_s, text: format.length },
  ], study.coverage, { sort: [1, true], pageSize: study.coverage.length > 30 ? 30 : 0 }).element);
  const reasons = study.ledger.reasons.filter((one) => one.count > 0);
  section.append(make('h3', {}, 'What the door noticed'), reasons.length ? sortable([
    { label: 'Reason', left: true, value: (one) => one.reason }, { label: 'Consequence', left: true, value: (one) => one.consequence }, { label: 'Rows', value: (one) => one.count, text: format.count },
    { label: 'First at', left: true, value: (one) => one.first || DASH }, { label: 'It was', left: true, wrap: true, value: (one) => one.sample || DASH },
  ], reasons, { sort: [2, true] }).element : make('p', { class: 'empty' }, 'Nothing: every row was used as it is.'));
  if (study.empty.length) section.append(make('h3', {}, 'Features without a value'), make('p', { class: 'muted' }, study.empty.join(', ')));
}

const links = drawHead();
for (const [id, name, draw] of [['overview', 'All features', drawOverview], ['feature', 'One feature', drawFeature], ['correlation', 'Correlation', drawMatrix], ['data', 'Data', drawData]]) {
  draw();
  links.append(make('a', { href: '#' + id }, name));
}
document.getElementById('foot').append('Made by millrace.');
document.documentElement.dataset.ready = 'yes';
