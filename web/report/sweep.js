// The page of a sweep: what millrace sweep writes.
'use strict';

const sweep = JSON.parse(document.getElementById('data').textContent);
const trials = sweep.trials.map((one, i) => ({ ...one, i, name: Object.entries(one.parameters).map(([k, v]) => `${k}=${v}`).join(' ') || 'defaults' }));
const best = trials[sweep.best];
const withError = (x, error) => (isNumber(x) ? format.number(x, 2) + (isNumber(error) ? ` ± ${format.number(error, 2)}` : '') : DASH);

function drawHead() {
  document.getElementById('top').append(make('div', { class: 'bar' }, make('div', { class: 'name' }, `Sweep of ${sweep.strategy}`),
    make('nav', { 'aria-label': 'Sections' }), make('div', { class: 'tools' }, theme.start(), make('button', { type: 'button', onclick: () => print() }, 'Print'))));
  document.getElementById('report').append(make('div', { class: 'title' }, make('h1', {}, `Sweep of ${sweep.strategy}`), make('div', { class: 'span' },
    `${format.count(trials.length)} trials · ${format.count(sweep.rows)} rows · ${format.rfc(sweep.from).slice(0, 16)} to ${format.rfc(sweep.to).slice(0, 16)} UTC`)));
  document.getElementById('report').append(make('div', { class: 'headline' },
    figure('Best in sample', withError(best.sharpe, best.sharpe_se), best.name, toneOf(best.sharpe), 'Sharpe ratio a year, chosen after looking at these data'),
    figure('Deflated', format.number(best.deflated_sharpe, 3), `probability, after ${format.count(trials.length)} trials`, '', 'that the best is better than the best of as many trials without skill'),
    figure('Net of the best', format.signed(best.net_pnl), sweep.asset, toneOf(best.net_pnl)),
    figure('Walk forward', sweep.folds.length ? format.signed(sweep.walk_net) : DASH, sweep.folds.length ? `Sharpe ${format.number(sweep.walk_sharpe, 2)}, out of sample` : 'not asked for', toneOf(sweep.walk_net))));
}

const measures = [
  { name: 'Sharpe', of: (t) => t.sharpe, text: (x) => format.number(x, 2) },
  { name: 'Net', of: (t) => t.net_pnl, text: (x) => format.signed(x) },
  { name: 'Gross', of: (t) => t.gross_pnl, text: (x) => format.signed(x) },
];

/** The mean over all trials that share values of two axes. */
function heatMap(measure, across, down) {
  const cells = down.values.map((row) => across.values.map((column) => {
    const values = trials.filter((t) => t.parameters[across.name] === column && t.parameters[down.name] === row).map(measure.of).filter(isNumber);
    return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
  }));
  const most = Math.max(1e-12, ...cells.flat().filter(isNumber).map(Math.abs));
  return make('div', { class: 'scroll' }, make('table', { class: 'map' },
    make('thead', {}, make('tr', {}, make('th', { class: 'left' }, down === single ? '' : `${down.name} \\ ${across.name}`), across.values.map((v) => make('th', {}, down === single ? `${across.name}=${v}` : v)))),
    make('tbody', {}, cells.map((line, i) => make('tr', {}, make('th', { class: 'left', scope: 'row' }, down.values[i]), line.map((x) => {
      const cell = make('td', {}, measure.text(x));
      if (isNumber(x)) cell.style.background = heatColor(0.6 * x / most);
      return cell;
    }))))));
}

const single = { name: '', values: [undefined] };

function drawMap() {
  if (!sweep.axes.length) return;
  const section = addSection('map', 'Heat map', 'In sample: the mean over trials that share the values. A single bright cell among dark ones is luck more often than skill.');
  const place = make('div', {}), axes = sweep.axes.length > 1 ? sweep.axes : [...sweep.axes, single];
  let measure = 0, across = 0, down = 1;
  const draw = () => place.replaceChildren(heatMap(measures[measure], axes[across], axes[down]));
  const choice = (label, names, at, set) => {
    const select = make('select', { 'aria-label': label, onchange: () => { set(Number(select.value)); draw(); } },
      names.map((name, i) => make('option', { value: i, ...(i === at ? { selected: '' } : {}) }, name)));
    return make('label', {}, label + ' ', select);
  };
  section.append(make('div', { class: 'controls' }, choice('Shows', measures.map((m) => m.name), 0, (i) => { measure = i; }),
    ...(sweep.axes.length > 2 ? [choice('across', axes.map((a) => a.name), 0, (i) => { across = i; }), choice('down', axes.map((a) => a.name), 1, (i) => { down = i; })] : [])), place);
  draw();
}

function drawTable() {
  const section = addSection('trials', 'Trials', 'All figures of this table are in sample. Sharpe ratios are a year, of minutes, with standard errors; deflated is the probability that the ratio is above what the best of all trials would show by luck.');
  const table = sortable([
    ...sweep.axes.map((axis) => ({ label: axis.name, left: true, value: (t) => t.parameters[axis.name] })),
    { label: 'Sharpe', value: (t) => t.sharpe, text: (x, t) => withError(x, t.sharpe_se), tone: true },
    { label: 'Deflated', value: (t) => t.deflated_sharpe, text: (x) => format.number(x, 3) },
    { label: `Net ${sweep.asset}`, value: (t) => t.net_pnl, text: (x) => format.signed(x), tone: true },
    { label: 'Gross', value: (t) => t.gross_pnl, text: (x) => format.signed(x), tone: true },
    { label: 'Fees', value: (t) => t.fees, text: (x) => format.money(x) },
    { label: 'Drawdown', value: (t) => t.max_drawdown, text: (x) => format.percent(x) },
    { label: 'Fills', value: (t) => t.fills, text: (x) => format.count(x) },
    { label: 'Blocked', value: (t) => t.blocked, text: (x) => format.count(x) },
  ], trials, { pageSize: 50, sort: [sweep.axes.length, true] });
  table.element.id = 'trial-table';
  section.append(table.element);
}

function drawFolds() {
  if (!sweep.folds.length) return;
  const section = addSection('folds', 'Walk forward', 'Parameters are chosen on each training span and judged on the test span behind it, which they have not seen.');
  section.append(sortable([
    { label: 'Test from', left: true, value: (f) => f.test_from, text: (x) => format.rfc(x).slice(0, 19) },
    { label: 'to', left: true, value: (f) => f.test_to, text: (x) => format.rfc(x).slice(0, 19) },
    { label: 'Chosen', left: true, value: (f) => (f.trial === null ? 'nothing' : trials[f.trial].name) },
    { label: 'Sharpe in training', value: (f) => f.train_sharpe, text: (x) => format.number(x, 2), tone: true },
    { label: 'Sharpe in test', value: (f) => f.test_sharpe, text: (x) => format.number(x, 2), tone: true },
    { label: `Net in test, ${sweep.asset}`, value: (f) => f.test_net, text: (x) => format.signed(x), tone: true },
  ], sweep.folds).element);
}

drawHead();
drawMap();
drawTable();
drawFolds();
document.documentElement.dataset.ready = 'yes';
