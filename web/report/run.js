// The report of a run: what millrace backtest writes. `data` is {report, series}; report.json is `report` alone.
'use strict';

const { report, series } = JSON.parse(document.getElementById('data').textContent);
const money = report.money, steps = report.steps, days = report.days, fall = report.drawdown, trades = report.trades;
const asset = report.asset || '', inAsset = asset ? ` ${asset}` : '';
const stepName = format.length(report.equity_step_s);
const tradeRows = series.trades.rows.map(([symbol, isLong, isOpen, entered, left, entry, exit, size, notional, pnl, fees, funding,
  worst, best, why, end]) => ({ symbol, isLong: !!isLong, isOpen: !!isOpen, entered, left, entry, exit, size, notional, pnl, fees,
  funding, worst, best, why: series.trades.words[why], end: series.trades.words[end], net: pnl - fees + funding }));
const labelOf = (i) => (report.symbols[i] ? report.symbols[i].label : `instrument ${i}`);
const isStop = (trade) => /stop|liquidat/.test(trade.end);

// --- Head. --------------------------------------------------------------------------------------------------------

function drawHead() {
  const links = make('nav', { 'aria-label': 'Sections' });
  const print_ = make('button', { type: 'button', onclick: () => print() }, 'Print');
  document.getElementById('top').append(make('div', { class: 'bar' },
    make('div', { class: 'name' }, report.title || report.strategy), links, make('div', { class: 'tools' }, theme.start(), print_)));
  const names = report.symbols.map((symbol) => symbol.label);
  document.getElementById('report').append(
    make('div', { class: 'title' }, make('h1', {}, report.title || report.strategy), make('div', { class: 'span' },
      [names.slice(0, 6).join(', ') + (names.length > 6 ? ` and ${names.length - 6} more` : ''),
        report.from ? `${format.rfc(report.from).slice(0, 16)} to ${format.rfc(report.to).slice(0, 16)} UTC` : null,
        `${format.money(money.capital)}${inAsset} at the start`].filter(Boolean).join(' · '))),
    report.notes.length ? make('ul', { class: 'notes', 'aria-label': 'What a reader must know' },
      report.notes.map((note) => make('li', {}, note))) : '');
  return links;
}

const within = (value, error, digits) => (isNumber(error) ? `${format.number(value, digits)} ± ${format.number(error, digits)}` : format.number(value, digits));

function drawHeadline() {
  const costs = money.spread + money.impact + money.delay + money.fees - money.funding - money.borrow;
  const sharpe = make('span', {}, format.number(steps.sharpe),
    isNumber(steps.sharpe_error) ? make('small', {}, ` ± ${format.number(steps.sharpe_error)}`) : '');
  const hit = make('span', {}, format.percent(trades.hit_rate, 1),
    isNumber(trades.hit_rate_error) ? make('small', {}, ` ± ${format.number(100 * trades.hit_rate_error, 1)}`) : '');
  const parts = [
    figure('Net profit', format.signed(money.net), `${format.signedPercent(money.total_return)} of the capital`, toneOf(money.net),
      'Equity at the end less the capital, after all costs'),
    figure('Gross profit', format.signed(money.gross), 'before fees, funding, borrow', toneOf(money.gross)),
    figure('Costs', format.money(costs), `fees ${format.money(money.fees)}, prices ${format.money(money.spread + money.impact + money.delay)}`, '',
      'Fees, spread, impact, delay, less funding and borrow received'),
    figure('Sharpe ratio, a year', sharpe, `${format.count(steps.count)} returns of ${stepName}`, '',
      'Mean / standard deviation × √(periods a year); standard error after Mertens (2002)'),
    figure('Maximum drawdown', format.percent(isNumber(fall.deepest) ? -fall.deepest : null), isNumber(fall.deepest) ? `longest ${format.length(fall.longest_s)}` : '',
      fall.deepest > 0 ? 'loss' : ''),
    figure('Hit rate', hit, `${format.count(trades.wins)} of ${format.count(trades.count)} trades`),
    figure('Profit factor', format.number(trades.profit_factor), `${format.signed(trades.expectancy)} a trade`),
    figure('Turnover', format.short(money.turnover), `${format.number(report.activity.turnover_per_day, 1)} × equity a day`),
  ];
  document.getElementById('report').append(make('div', { class: 'headline' }, parts));
}

// --- Charts over time. --------------------------------------------------------------------------------------------

const span = Date.parse(report.to) - Date.parse(report.from), isLong = span > 4 * 86400e3, isShort = span < 2 * 3600e3;

/** Dates as years, months, days; times of day only where the run is short enough for them to mean something. */
function tickText(time, kind) {
  const text = new Date(time * 1000).toISOString();
  if (kind === 0) return text.slice(0, 4);
  if (kind === 1) return new Date(time * 1000).toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' });
  if (kind === 2) return String(+text.slice(8, 10));
  return isLong ? ' ' : text.slice(11, isShort ? 19 : 16);
}

/** All of it, with a little room for the first label. */
const showWhole = (chart, count) => chart.timeScale().setVisibleLogicalRange({ from: -0.5 - 20 * count / Math.max(100, chart.timeScale().width()), to: count * 1.005 - 0.5 });

/** What follows the theme. */
function chartColors() {
  const line = { color: theme.color('grid') }, cross = { color: theme.color('faint'), labelBackgroundColor: theme.color('soft') };
  return { layout: { textColor: theme.color('soft'), panes: { separatorColor: theme.color('line') } }, grid: { vertLines: line, horzLines: line }, crosshair: { vertLine: cross, horzLine: cross } };
}

function newChart(place) {
  const chart = LightweightCharts.createChart(place, {
    autoSize: true,
    layout: { background: { type: 'solid', color: 'transparent' }, fontSize: 11, attributionLogo: false, fontFamily: getComputedStyle(document.body).fontFamily },
    rightPriceScale: { borderVisible: false, minimumWidth: 64 },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, minBarSpacing: 0.02, tickMarkFormatter: tickText },
    crosshair: { mode: 0 },
    handleScroll: { mouseWheel: false }, handleScale: { mouseWheel: true },
  });
  onPaper(chart, place);
  return chart;
}

/** Paper shows a picture of the chart: canvases are drawn on the next frame, and a browser that prints has none. */
function onPaper(chart, place) {
  theme.printers.push(() => {
    place.querySelectorAll('.printed').forEach((old) => old.remove());
    const picture = chart.takeScreenshot();
    picture.className = 'printed';
    picture.removeAttribute('style');
    place.append(picture);
  });
}

const quiet = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerRadius: 3 };

/** Points for the charts: times in seconds, ascending and different. */
function pointsOf(times, values) {
  const points = [];
  let last = -Infinity;
  times.forEach((ms, i) => {
    if (ms <= last || values[i] === null) return;
    last = ms;
    points.push({ time: ms / 1000, value: values[i] });
  });
  return points;
}

function readout(element, parts) {
  element.replaceChildren(...parts.map(([label, value]) => make('span', {}, label ? label + ' ' : '', make('b', {}, value))));
}

function drawEquity() {
  const data = series.equity, many = data.t.length < data.points;
  const section = addSection('equity', 'Equity, drawdown, positions',
    `The account every ${stepName}, valued at the middle of the market.` +
    (many ? ` Drawn from ${format.count(data.t.length)} of ${format.count(data.points)} points: of each stretch the lowest, the highest and the deepest.` : ''));
  if (data.t.length < 2) return section.append(make('p', { class: 'empty' }, 'The run is too short for a curve.'));
  const values = make('div', { class: 'readout', 'aria-live': 'off' }), place = make('div', { class: 'chart tall', id: 'equity-chart' });
  section.append(legend(['equity above the capital', 'gain'], ['below', 'loss'], ['net exposure', 'accent'], ['gross exposure', 'second']), values, place);
  const chart = newChart(place);
  const range = money.highest_equity - money.lowest_equity, digits = range > 0 ? Math.min(10, 3 + Math.ceil(Math.log10(money.highest_equity / range))) : 4;
  const compact = { type: 'custom', minMove: 0.01, formatter: (v) => format.short(v, Math.max(3, digits)) };
  const equity = chart.addSeries(LightweightCharts.BaselineSeries, { ...quiet, baseValue: { type: 'price', price: money.capital }, priceFormat: compact, lineWidth: 2 }, 0);
  const depth = chart.addSeries(LightweightCharts.BaselineSeries, { ...quiet, baseValue: { type: 'price', price: 0 }, lineWidth: 1,
    priceFormat: { type: 'custom', minMove: 1e-7, formatter: (v) => format.percent(v, 2) } }, 1);
  const net = chart.addSeries(LightweightCharts.BaselineSeries, { ...quiet, baseValue: { type: 'price', price: 0 }, lineWidth: 1, lineType: 1, priceFormat: compact }, 2);
  const gross = chart.addSeries(LightweightCharts.LineSeries, { ...quiet, lineWidth: 1, lineType: 1, priceFormat: compact }, 2);
  equity.setData(pointsOf(data.t, data.equity));
  depth.setData(pointsOf(data.t, data.depth));
  net.setData(pointsOf(data.t, data.net));
  gross.setData(pointsOf(data.t, data.gross));
  [5, 2, 2].forEach((share, i) => chart.panes()[i].setStretchFactor(share));
  const color = () => {
    const c = theme.color;
    chart.applyOptions(chartColors());
    equity.applyOptions({ topLineColor: c('gain'), topFillColor1: c('gain-soft'), topFillColor2: c('gain') + '00',
      bottomLineColor: c('loss'), bottomFillColor1: c('loss') + '00', bottomFillColor2: c('loss-soft') });
    depth.applyOptions({ topLineColor: c('loss'), bottomLineColor: c('loss'), bottomFillColor1: c('loss-soft'), bottomFillColor2: c('loss-soft'),
      topFillColor1: 'transparent', topFillColor2: 'transparent' });
    net.applyOptions({ topLineColor: c('accent'), bottomLineColor: c('accent'), topFillColor1: c('accent-soft'), topFillColor2: c('accent-soft'),
      bottomFillColor1: c('accent-soft'), bottomFillColor2: c('accent-soft') });
    gross.applyOptions({ color: c('second') });
  };
  color();
  theme.listeners.push(color);
  showWhole(chart, equity.data().length);
  const at = new Map(data.t.map((ms, i) => [ms / 1000, i]));
  const tell = (i) => readout(values, [['', format.time(data.t[i])], ['equity', format.money(data.equity[i]) + inAsset],
    ['drawdown', format.percent(data.depth[i])], ['net', format.money(data.net[i])], ['gross', format.money(data.gross[i])], ['open', format.count(data.open[i])]]);
  tell(data.t.length - 1);
  chart.subscribeCrosshairMove((move) => tell(at.has(move.time) ? at.get(move.time) : data.t.length - 1));
}

let showTrade = () => {}; // set by the price chart
const mostMarks = 240; // in view at a time: more would hide the prices

/** One marker for each bar and kind: thousands of single ones would hide the prices. */
function markersOf(symbol, times) {
  const places = new Map();
  const barOf = (ms) => {
    let low = 0, high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= ms) low = middle; else high = middle - 1;
    }
    return low;
  };
  const put = (ms, kind) => {
    const key = barOf(ms) + ' ' + kind;
    places.set(key, (places.get(key) || 0) + 1);
  };
  for (const trade of tradeRows) {
    if (trade.symbol !== symbol) continue;
    put(trade.entered, trade.isLong ? 'long' : 'short');
    if (!trade.isOpen) put(trade.left, isStop(trade) ? 'stop' : 'exit');
  }
  const c = theme.color, looks = {
    long: { position: 'belowBar', shape: 'arrowUp', color: c('gain') },
    short: { position: 'aboveBar', shape: 'arrowDown', color: c('loss') },
    exit: { position: 'aboveBar', shape: 'circle', color: c('accent') },
    stop: { position: 'aboveBar', shape: 'square', color: c('second') },
  };
  return [...places].map(([key, count]) => {
    const [bar, kind] = key.split(' ');
    return { time: times[+bar] / 1000, ...looks[kind], size: 0.8, text: count > 1 ? String(count) : undefined };
  }).sort((a, b) => a.time - b.time);
}

const decimalsOf = (price) => (price >= 1000 ? 2 : price >= 1 ? 4 : Math.min(10, 4 - Math.floor(Math.log10(Math.max(price, 1e-10)))));

function drawPrices() {
  const drawn_ = series.bars.map((bars_, i) => [bars_, i]).filter(([bars_]) => bars_.t.length > 1).map(([, i]) => i);
  const section = addSection('prices', 'Prices, entries and exits',
    'Bars of the market with the trades in them; a number beside a mark counts several in one bar. Wheel or pinch zooms, a click on a trade below shows it here.');
  if (!drawn_.length) return section.append(make('p', { class: 'empty' }, 'The run kept no bars of its instruments.'));
  const traded = (i) => report.symbols[i].trades.count + report.symbols[i].trades.open;
  let shown = drawn_.reduce((a, b) => (traded(b) > traded(a) ? b : a));
  const choice = make('select', { id: 'price-symbol', 'aria-label': 'Instrument' },
    drawn_.map((i) => make('option', { value: i }, `${labelOf(i)} (${format.count(traded(i))} trades)`)));
  const whole = make('button', { type: 'button' }, 'Whole run'), hint = make('span', { class: 'muted' });
  const values = make('div', { class: 'readout' }), place = make('div', { class: 'chart', id: 'price-chart' });
  section.append(make('div', { class: 'controls' }, choice, whole, hint), legend(['entry long ▲', 'gain'], ['entry short ▼', 'loss'], ['exit ●', 'accent'], ['stop ■', 'second']), values, place);
  const chart = newChart(place);
  const candles = chart.addSeries(LightweightCharts.CandlestickSeries, { ...quiet, borderVisible: false });
  const volume = chart.addSeries(LightweightCharts.HistogramSeries, { ...quiet, priceScaleId: 'volume', priceFormat: { type: 'volume' } });
  const path = chart.addSeries(LightweightCharts.LineSeries, { ...quiet, lineWidth: 2, lineStyle: 2, crosshairMarkerVisible: false, autoscaleInfoProvider: () => null });
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } });
  chart.priceScale('right').applyOptions({ scaleMargins: { top: 0.08, bottom: 0.2 } });
  const marks = LightweightCharts.createSeriesMarkers(candles, []);
  let all = [], marked = '';
  const color = () => {
    chart.applyOptions(chartColors());
    candles.applyOptions({ upColor: theme.color('gain'), downColor: theme.color('loss'), wickUpColor: theme.color('gain'), wickDownColor: theme.color('loss') });
    volume.applyOptions({ color: theme.color('faint') + '55' });
    path.applyOptions({ color: theme.color('text') });
    all = markersOf(shown, series.bars[shown].t);
    mark();
  };
  const mark = () => {
    const span = chart.timeScale().getVisibleRange();
    const visible = span ? all.filter((one) => one.time >= span.from && one.time <= span.to) : all;
    const many = visible.length > mostMarks, list = many ? [] : visible;
    hint.textContent = many ? `${format.count(visible.length)} marks in view: zoom in to see them` : '';
    const key = list.length + ' ' + theme.get() + ' ' + shown + (list.length ? ` ${list[0].time} ${list[list.length - 1].time}` : '');
    if (key !== marked) marks.setMarkers(list);
    marked = key;
  };
  /** The whole run, or its end where it has more trades than can be shown. */
  const start = (count) => {
    if (all.length <= mostMarks) return showWhole(chart, count);
    const from = series.bars[shown].t.findIndex((ms) => ms / 1000 >= all[all.length - Math.floor(mostMarks * 0.6)].time);
    chart.timeScale().setVisibleLogicalRange({ from: from - 1, to: count + 1 });
  };
  const tell = (i) => {
    const b = series.bars[shown], digits = decimalsOf(b.close[i]);
    readout(values, [['', format.time(b.t[i])], ['open', format.number(b.open[i], digits)], ['high', format.number(b.high[i], digits)],
      ['low', format.number(b.low[i], digits)], ['close', format.number(b.close[i], digits)], ['volume', format.short(b.volume[i])]]);
  };
  const show = (i) => {
    shown = i;
    choice.value = i;
    const b = series.bars[i], seen = new Set(), bars_ = [];
    b.t.forEach((ms, k) => {
      if (seen.has(ms)) return;
      seen.add(ms);
      bars_.push({ time: ms / 1000, open: b.open[k], high: b.high[k], low: b.low[k], close: b.close[k] });
    });
    const digits = decimalsOf(b.close[b.close.length - 1] || 1);
    path.setData([]);
    candles.applyOptions({ priceFormat: { type: 'custom', minMove: 10 ** -digits, formatter: (v) => format.number(v, digits) } });
    candles.setData(bars_);
    volume.setData(pointsOf(b.t, b.volume));
    color();
    start(bars_.length);
    tell(b.t.length - 1);
  };
  show(shown);
  theme.listeners.push(color);
  choice.addEventListener('change', () => show(+choice.value));
  whole.addEventListener('click', () => { path.setData([]); showWhole(chart, candles.data().length); });
  chart.timeScale().subscribeVisibleLogicalRangeChange(mark);
  chart.subscribeCrosshairMove((move) => {
    const at = move.time === undefined ? -1 : series.bars[shown].t.indexOf(Math.round(move.time * 1000));
    tell(at >= 0 ? at : series.bars[shown].t.length - 1);
  });
  showTrade = (trade) => {
    if (!drawn_.includes(trade.symbol)) return;
    if (trade.symbol !== shown) show(trade.symbol);
    const t = series.bars[shown].t, before = t.findLastIndex((ms) => ms <= trade.entered), after = t.findIndex((ms) => ms >= (trade.left ?? t[t.length - 1]));
    const from = Math.max(0, before), to = after < 0 ? t.length - 1 : after, room = Math.max(20, to - from);
    path.setData(from < to && isNumber(trade.exit) ? [{ time: t[from] / 1000, value: trade.entry }, { time: t[to] / 1000, value: trade.exit }] : []);
    chart.timeScale().setVisibleLogicalRange({ from: from - room, to: to + room });
    section.scrollIntoView({ block: 'start' });
  };
}

// --- Returns by day and hour. -------------------------------------------------------------------------------------

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Returns of months, a line a year; the year's compounds its months. */
function monthTable() {
  const gains = new Map(report.by_month.map((one) => [one.month, one.return]));
  const greatest = Math.max(...[...gains.values()].filter(isNumber).map(Math.abs), 0) || 1;
  const line = (year) => {
    const all = report.by_month.filter((one) => one.month.startsWith(year)).map((one) => one.return);
    const cells = months.map((_, m) => {
      const gain = gains.get(`${year}-${String(m + 1).padStart(2, '0')}`), cell = make('td', {}, format.signedPercent(gain));
      if (isNumber(gain)) cell.style.background = heatColor(0.6 * gain / greatest);
      return cell;
    });
    const total = all.every(isNumber) ? all.reduce((product, gain) => product * (1 + gain), 1) - 1 : null;
    return make('tr', {}, make('th', { class: 'left', scope: 'row' }, year), cells, make('td', {}, format.signedPercent(total)));
  };
  return make('div', { class: 'scroll' }, make('table', { class: 'map', id: 'month-table' },
    make('thead', {}, make('tr', {}, make('th'), [...months, 'Year'].map((name) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, [...new Set(report.by_month.map((one) => one.month.slice(0, 4)))].map(line))));
}

function drawPeriods() {
  const section = addSection('periods', 'Returns by month, day and hour', 'Profit after all costs, UTC. A step of the account belongs to the time at which it starts.');
  const list = report.by_day;
  if (!list.length) return section.append(make('p', { class: 'empty' }, 'The run is too short for days and hours.'));
  const dayBars = bars(list.map((day) => ({ label: list.length > 200 ? day.day.slice(0, 7) : day.day.slice(5), value: day.pnl,
    tip: `${day.day}: ${format.signed(day.pnl)}${inAsset}, ${format.signedPercent(day.return)}` })), { labelWidth: 52 });
  const hours = Array.from({ length: 24 }, (_, h) => {
    const known = report.by_hour.map((day) => day[h]).filter(isNumber);
    return { label: String(h), value: known.length ? known.reduce((a, b) => a + b, 0) : null };
  });
  const hourBars = bars(hours.map((hour) => ({ ...hour, tip: `${hour.label}:00–${hour.label}:59: ${format.signed(hour.value)}${inAsset}` })), { labelWidth: 22 });
  const greatest = Math.max(...report.by_hour.flat().filter(isNumber).map(Math.abs), 0) || 1;
  const heat = make('table', { class: 'heat' },
    make('thead', {}, make('tr', {}, make('th'), Array.from({ length: 24 }, (_, h) => make('th', { scope: 'col' }, h % 3 ? '' : String(h))))),
    make('tbody', {}, report.by_hour.map((row, d) => make('tr', {}, make('th', { scope: 'row' }, weekdays[d]), row.map((value, h) => {
      const cell = make('td', { title: `${weekdays[d]} ${h}:00: ${format.signed(value)}` }, isNumber(value) ? format.short(value) : DASH);
      if (isNumber(value)) cell.style.background = heatColor(value / greatest);
      return cell;
    })))));
  section.append(make('div', { class: 'columns' },
    make('div', {}, make('h3', {}, `By day${inAsset ? `, ${asset}` : ''}`), dayBars),
    make('div', {}, make('h3', {}, `By hour of the day${inAsset ? `, ${asset}` : ''}`), hourBars)),
  make('h3', {}, 'Hour of the week'), heat, make('h3', {}, 'By month'), monthTable());
}

// --- Costs and scenarios. -----------------------------------------------------------------------------------------

function drawCosts() {
  const section = addSection('costs', 'What it cost', 'From the profit at the middle of the market at each decision to the net profit. The spread is negative where makers earned it; impact is what fills paid beyond the touch, delay what the market moved between decision and fill.');
  const priced = money.gross + money.spread + money.impact + money.delay;
  const stages = [[innerWidth < 720 ? 'Mid' : 'At the mid', priced, true], ['Spread', -money.spread], ['Impact', -money.impact], ['Delay', -money.delay], ['Gross', money.gross, true],
    ['Fees', -money.fees], ['Funding', money.funding], ['Borrow', money.borrow], ['Net', money.net, true]];
  let level = 0;
  const spans = stages.map(([label, value, isTotal]) => {
    const from = isTotal ? 0 : level;
    level = isTotal ? value : level + value;
    return { label, value, isTotal, from, to: level };
  });
  const width = plotWidth(), ends = spans.flatMap((span) => [span.from, span.to]);
  const { svg, x0, x1, y, height } = frame({ width, height: 220, low: Math.min(0, ...ends), high: Math.max(0, ...ends) });
  const step = (x1 - x0) / spans.length;
  spans.forEach((span, i) => {
    const top = Math.min(y(span.from), y(span.to)), tall = Math.max(1, Math.abs(y(span.from) - y(span.to)));
    svg.append(withTip(drawn('rect', { class: span.isTotal ? 'accent' : toneOf(span.value) || 'neutral', x: x0 + i * step + step * 0.14, width: step * 0.72, y: top, height: tall, rx: 2 }),
      `${span.label}: ${format.signed(span.value)}${inAsset}`));
    const name = drawn('text', { x: x0 + (i + 0.5) * step, y: height - 5, 'text-anchor': 'middle' }, span.label);
    if (width < 400) name.setAttribute('style', 'font-size:8.5px');
    svg.append(name);
  });
  const share = (x) => (money.turnover > 0 ? format.number(1e4 * x / money.turnover, 2) : DASH);
  const rows = stages.map(([label, value, isTotal]) => ({ label, value, isTotal }));
  const table = make('table', {}, make('thead', {}, make('tr', {}, make('th', { class: 'left' }, ''), make('th', {}, asset || 'money'), make('th', {}, 'bps of turnover'))),
    make('tbody', {}, rows.map((row) => make('tr', row.isTotal ? { class: 'total' } : {}, make('td', { class: 'left' }, row.label),
      make('td', { class: toneOf(row.value) }, format.signed(row.value)), make('td', {}, share(row.value))))));
  section.append(make('div', { class: 'columns' }, make('div', {}, svg), make('div', {}, table)));
}

function drawScenarios() {
  const section = addSection('scenarios', 'Under other assumptions', 'The same run, played again from the same input: at twice the costs, at twice the latency, and at several times the size.');
  if (!report.scenarios.length) return section.append(make('p', { class: 'empty' }, 'The run was made without scenarios.'));
  const base = { name: 'as reported', net: money.net, gross: money.gross, fees: money.fees, max_drawdown: fall.deepest, sharpe: steps.sharpe, fills: report.counts.fills };
  const rows = [base, ...report.scenarios];
  const columns = [
    { label: 'Assumption', left: true, value: (row) => row.name },
    { label: 'Net', tone: true, value: (row) => row.net, text: format.signed },
    { label: 'Gross', tone: true, value: (row) => row.gross, text: format.signed },
    { label: 'Fees', value: (row) => row.fees, text: format.money },
    { label: 'Max drawdown', value: (row) => row.max_drawdown, text: (x) => format.percent(x) },
    { label: 'Sharpe', value: (row) => row.sharpe, text: (x) => format.number(x) },
    { label: 'Fills', value: (row) => row.fills, text: format.count },
  ];
  const sizes = report.scenarios.map((row) => [Number((/^size (\d+(?:\.\d+)?)x$/.exec(row.name) || [])[1]), row]).filter(([size]) => size > 0);
  if (!sizes.some(([size]) => size === 1)) sizes.unshift([1, base]);
  sizes.sort(([a], [b]) => a - b);
  const chart = sizes.length > 1 ? make('div', {}, make('h3', {}, `Capacity: net profit by size${inAsset ? `, ${asset}` : ''}`), bars(sizes.map(([size, row]) => ({ label: `${size}×`, value: row.net,
    tip: `${size}×: ${format.signed(row.net)}${inAsset}` })))) : null;
  const others = [base, ...report.scenarios.filter((row) => !/^size /.test(row.name))];
  const net = make('div', {}, make('h3', {}, `Net profit${inAsset ? `, ${asset}` : ''}`), bars(others.map((row) => ({ label: row.name, value: row.net })), { labelWidth: 90 }));
  section.append(sortable(columns, rows).element, make('div', { class: 'columns' }, net, chart));
}

// --- Symbols and trades. ------------------------------------------------------------------------------------------

function drawSymbols() {
  const section = addSection('symbols', 'By instrument', `Profit after all costs${inAsset ? `, in ${asset}` : ''}; the market's change is from its first bar to its last.`);
  if (!report.symbols.length) return section.append(make('p', { class: 'empty' }, 'The run saw no instrument.'));
  const sum = (of) => report.symbols.reduce((total, symbol) => total + of(symbol), 0);
  const slip = (s) => s.spread + s.impact + s.delay;
  const total = { label: 'Total', net: sum((s) => s.net), fees: sum((s) => s.fees), funding: sum((s) => s.funding + s.borrow), borrow: 0, spread: sum(slip),
    impact: 0, delay: 0, turnover: sum((s) => s.turnover), orders: sum((s) => s.orders), blocked: sum((s) => s.blocked), rejected: sum((s) => s.rejected),
    fills: sum((s) => s.fills), market_change: null, trades };
  section.append(sortable([
    { label: 'Instrument', left: true, value: (s) => s.label },
    { label: 'Net', tone: true, value: (s) => s.net, text: format.signed },
    { label: 'Fees', value: (s) => s.fees, text: format.money },
    { label: 'Slippage', value: slip, text: format.money, tip: 'spread, impact and delay; within the prices of the fills' },
    { label: 'Funding', value: (s) => s.funding + s.borrow, text: format.signed },
    { label: 'Trades', value: (s) => s.trades.count, text: format.count },
    { label: 'Hit rate', value: (s) => s.trades.hit_rate, text: (x) => format.percent(x, 1) },
    { label: 'Profit factor', value: (s) => s.trades.profit_factor, text: (x) => format.number(x) },
    { label: 'Average hold', value: (s) => s.trades.average_hold_s, text: format.length },
    { label: 'Turnover', value: (s) => s.turnover, text: (x) => format.short(x) },
    { label: 'Orders', value: (s) => s.orders, text: format.count },
    { label: 'Stopped', value: (s) => s.blocked + s.rejected, text: format.count, tip: 'blocked before sending, or rejected by the venue' },
    { label: 'Fills', value: (s) => s.fills, text: format.count },
    { label: 'Market', tone: true, value: (s) => s.market_change, text: (x) => format.signedPercent(x) },
  ], report.symbols, { sort: [1, true], pageSize: report.symbols.length > 30 ? 30 : 0, total: report.symbols.length > 1 ? total : null }).element);
}

function saveTrades(rows) {
  const quote = (x) => (/[",\n]/.test(x) ? `"${x.replaceAll('"', '""')}"` : x);
  const head = ['instrument', 'side', 'entered', 'left', 'entry_price', 'exit_price', 'size', 'notional', 'pnl', 'fees', 'funding', 'net', 'entry_why', 'exit_why'];
  const lines = rows.map((t) => [labelOf(t.symbol), t.isLong ? 'long' : 'short', new Date(t.entered).toISOString(), t.left === null || t.isOpen ? '' : new Date(t.left).toISOString(),
    t.entry, t.exit ?? '', t.size, t.notional, t.pnl, t.fees, t.funding, t.net, t.why, t.end].map((x) => quote(String(x))).join(','));
  const link = make('a', { download: `${report.strategy || 'trades'}.csv` });
  link.href = URL.createObjectURL(new Blob([head.join(',') + '\n' + lines.join('\n') + '\n'], { type: 'text/csv' }));
  link.click();
  URL.revokeObjectURL(link.href);
}

function drawTrades() {
  const { recorded, total } = series.trades;
  const section = addSection('trades', 'Trades', 'From flat to flat. ' + (total > tradeRows.length
    ? `The first ${format.count(tradeRows.length)} of ${format.count(total)} are listed` + (recorded < total ? `; figures of trades are of the first ${format.count(recorded)}.` : '.') : ''));
  if (!tradeRows.length) return section.append(make('p', { class: 'empty' }, 'No trade was made.'));
  const net = tradeRows.filter((t) => !t.isOpen && t.notional > 0).map((t) => 1e4 * t.net / t.notional).sort((a, b) => a - b);
  if (net.length > 1) {
    const at = (q) => net[Math.round(q * (net.length - 1))], low = Math.min(at(0.005), 0), high = Math.max(at(0.995), 0), bins = 48;
    const edges = Array.from({ length: bins + 1 }, (_, i) => low + (high - low) * i / bins), counts = new Array(bins).fill(0);
    for (const x of net) if (x >= low && x <= high) counts[Math.min(bins - 1, Math.floor((x - low) / (high - low || 1) * bins))] += 1;
    const beyond = net.length - counts.reduce((a, b) => a + b, 0);
    section.append(make('div', { class: 'columns' },
      make('div', {}, make('h3', {}, 'Net result, bps of the notional'), histogram(edges, counts, { isSigned: true }),
        beyond ? make('p', { class: 'muted' }, `${format.count(beyond)} beyond the scale.`) : null),
      make('div', {}, make('h3', {}, 'Why they ended'), sortable([
        { label: 'Reason', left: true, value: (row) => row.why || DASH },
        { label: 'Trades', value: (row) => row.trades.count, text: format.count },
        { label: 'Hit rate', value: (row) => row.trades.hit_rate, text: (x) => format.percent(x, 1) },
        { label: 'Net', tone: true, value: (row) => row.trades.net, text: format.signed },
        { label: 'Average hold', value: (row) => row.trades.average_hold_s, text: format.length },
      ], report.by_exit).element)));
  }
  const table = sortable([
    { label: 'Instrument', left: true, value: (t) => labelOf(t.symbol) },
    { label: 'Side', left: true, value: (t) => (t.isLong ? 'long' : 'short') },
    { label: 'Entered', value: (t) => t.entered, text: (x) => format.time(x) },
    { label: 'Hold', value: (t) => (t.left === null ? null : (t.left - t.entered) / 1000), text: (x, t) => (t.isOpen ? 'open' : format.length(x)) },
    { label: 'Entry', value: (t) => t.entry, text: (x) => format.number(x, decimalsOf(x)) },
    { label: 'Exit', value: (t) => t.exit, text: (x) => format.number(x, decimalsOf(x)) },
    { label: 'Notional', value: (t) => t.notional, text: format.money },
    { label: 'Fees', value: (t) => t.fees, text: format.money },
    { label: 'Net', tone: true, value: (t) => t.net, text: format.signed },
    { label: 'bps', tone: true, value: (t) => (t.notional > 0 ? 1e4 * t.net / t.notional : null), text: (x) => format.number(x, 1) },
    { label: 'Worst', value: (t) => t.worst, text: format.signed, tip: 'lowest unrealised profit on the way' },
    { label: 'Best', value: (t) => t.best, text: format.signed, tip: 'highest unrealised profit on the way' },
    { label: 'In', left: true, value: (t) => t.why },
    { label: 'Out', left: true, value: (t) => (t.isOpen ? 'open' : t.end) },
  ], tradeRows, { pageSize: 25, sort: [2, false], onRow: (trade) => showTrade(trade) });
  const symbol = make('select', { id: 'trade-symbol', 'aria-label': 'Instrument' }, make('option', { value: '' }, 'All instruments'),
    report.symbols.map((one, i) => make('option', { value: i }, one.label)));
  const result = make('select', { id: 'trade-result', 'aria-label': 'Result' }, [['', 'All results'], ['w', 'Winners'], ['l', 'Losers'], ['s', 'Stopped'], ['o', 'Open']]
    .map(([value, name]) => make('option', { value }, name)));
  const tests = { w: (t) => t.net > 0, l: (t) => t.net < 0, s: isStop, o: (t) => t.isOpen };
  const filter = () => table.show(tradeRows.filter((t) => (symbol.value === '' || t.symbol === +symbol.value) && (!result.value || tests[result.value](t))));
  symbol.addEventListener('change', filter);
  result.addEventListener('change', filter);
  section.append(make('h3', {}, 'All trades'), make('div', { class: 'controls' }, symbol, result,
    make('button', { type: 'button', class: 'push', onclick: () => saveTrades(table.rows()) }, 'Save as CSV')), table.element);
  table.element.id = 'trade-table';
}

// --- All figures. -------------------------------------------------------------------------------------------------

function drawFigures() {
  const section = addSection('figures', 'All figures', `${DASH} stands for what is not defined: too few observations, or nothing to divide by. Annual growth needs 30 days.`);
  const list = (title, rows) => make('div', {}, make('h3', {}, title), pairs(rows));
  const percent = (x, digits) => format.percent(x, digits), number = (x, digits) => format.number(x, digits);
  const returns = (name, of) => list(name, [
    ['Returns', format.count(of.count)], ['Sharpe ratio', within(of.sharpe, of.sharpe_error, 2), 'a year; standard error after Mertens (2002)'],
    ['… its error if returns were normal', number(of.sharpe_error_normal), 'Lo (2002)'],
    ['P(true Sharpe ratio > 0)', percent(of.probabilistic_sharpe, 1), 'Bailey, López de Prado (2012)'],
    ['Sortino ratio', number(of.sortino)],
    ['Smart Sharpe / Sortino', `${number(of.smart_sharpe)} / ${number(of.smart_sortino)}`, `divided by the penalty of autocorrelation, ${number(of.autocorrelation_penalty)}`], ['Omega', number(of.omega, 3), 'gains / losses'], ['Gain to pain', number(of.gain_to_pain, 3)],
    ['Volatility, a year', percent(of.volatility)], ['Autocorrelation of neighbours', number(of.autocorrelation, 3), 'annualising by √time takes it to be 0'],
    ['Skewness', number(of.skew)], ['Excess kurtosis', number(of.kurtosis)], ['Value at risk, 95 %', percent(of.var95, 3)],
    ['Expected shortfall, 95 %', percent(of.cvar95, 3)], ['Tail ratio', number(of.tail_ratio)],
    ['Outlier win / loss', `${number(of.outlier_win)} / ${number(of.outlier_loss)}`, '99 % quantile / mean gain; 1 % quantile / mean loss'],
    ['CPC index', number(of.cpc_index, 3), 'omega × share of wins × mean gain / mean loss'], ['Common sense ratio', number(of.common_sense_ratio, 3), 'omega × tail ratio'],
    ['Risk of ruin', percent(of.risk_of_ruin), 'quantstats: rough, it looks at the share of wins only'], ['Best', format.signedPercent(of.best, 3)],
    ['Worst', format.signedPercent(of.worst, 3)], ['Gaining / losing', `${percent(of.gaining, 1)} / ${percent(of.losing, 1)}`]]);
  const growth = list('Growth and drawdown', [
    ['Capital', format.money(money.capital)], ['Equity at the end', format.money(money.final_equity)], ['Lowest / highest', `${format.money(money.lowest_equity)} / ${format.money(money.highest_equity)}`],
    ['Return', format.signedPercent(money.total_return)], ['Growth a year', format.signedPercent(money.cagr)], ['Calmar ratio', number(money.calmar), 'growth a year / maximum drawdown'],
    ['Return over drawdown', number(money.return_over_drawdown)], ['Return over trade', isNumber(money.return_over_trade) ? number(1e4 * money.return_over_trade, 3) + ' bps' : DASH, 'net profit / turnover'],
    ['Maximum drawdown', percent(fall.deepest)], ['… in money', format.money(fall.deepest_money)], ['… from', format.rfc(fall.deepest_from)], ['… deepest', format.rfc(fall.deepest_at)],
    ['… recovered', fall.deepest > 0 ? (fall.recovered ? format.rfc(fall.recovered) : 'not by the end') : DASH], ['Longest drawdown', format.length(fall.longest_s)],
    ['Drawdowns', format.count(fall.episodes)], ['Average drawdown', percent(fall.average, 3)], ['Ulcer index', percent(fall.ulcer, 3)], ['Return over ulcer index', number(money.ulcer_performance)],
    ['Mean of the deepest 5 %', percent(fall.cdar95, 3), 'conditional drawdown at risk'], ['Serenity index', number(money.serenity, 3), 'return / (ulcer index × mean of the deepest 5 % / volatility a year)'],
    ['Time under water', percent(fall.under_water, 1)]]);
  const tradeList = (name, of) => list(name, [
    ['Closed', format.count(of.count)], ['Open at the end', format.count(of.open)], ['Wins / draws / losses', `${format.count(of.wins)} / ${format.count(of.draws)} / ${format.count(of.losses)}`],
    ['Hit rate', isNumber(of.hit_rate_error) ? `${number(100 * of.hit_rate, 1)} ± ${number(100 * of.hit_rate_error, 1)} %` : percent(of.hit_rate, 1)], ['Net', format.signed(of.net)], ['Profit factor', number(of.profit_factor)],
    ['Expectancy', within(of.expectancy, of.expectancy_error, 3)], ['Expectancy ratio', number(of.expectancy_ratio, 3)], ['Payoff ratio', number(of.payoff), 'average win / average loss'],
    ['Average win / loss', `${format.signed(of.average_win)} / ${format.signed(of.average_loss)}`], ['Best / worst', `${format.signed(of.best)} / ${format.signed(of.worst)}`],
    ['Net return, mean / median', `${number(of.average_return_bps, 2)} / ${number(of.median_return_bps, 2)} bps`], ['Worst / best on the way', `${number(of.average_adverse_bps, 1)} / ${number(of.average_favourable_bps, 1)} bps`],
    ['Hold, mean / median', `${format.length(of.average_hold_s)} / ${format.length(of.median_hold_s)}`], ['Hold of winners / losers', `${format.length(of.winners_hold_s)} / ${format.length(of.losers_hold_s)}`],
    ['Longest run of wins / losses', `${format.count(of.longest_wins)} / ${format.count(of.longest_losses)}`], ['Kelly share', percent(of.kelly, 1)], ['System quality number', number(of.sqn)]]);
  const activity = list('Activity and exposure', [
    ['Days', number(report.activity.days, 2)], ['Trades a day', number(report.activity.trades_per_day, 1)], ['Fills a day', number(report.activity.fills_per_day, 1)],
    ['Orders / fills', `${format.count(report.counts.orders)} / ${format.count(report.counts.fills)}`], ['Signals', format.count(report.counts.signals)], ['Maker share of fills', percent(report.fills.maker_share, 1)],
    ['Middle after fills, 1 / 5 / 30 s', ['markout_1s_bps', 'markout_5s_bps', 'markout_30s_bps'].map((key) => number(report.fills[key], 2)).join(' / ') + ' bps', 'moves of the middle for us'],
    ['Turnover', format.money(money.turnover)], ['Turnover a day', number(report.activity.turnover_per_day, 2) + ' × equity'], ['Time with a position', percent(report.activity.exposure_time, 1)],
    ['Position, mean / largest', `${format.money(report.activity.mean_position)} / ${format.money(report.activity.largest_position)}`],
    ['Leverage, mean / largest', `${number(report.activity.mean_leverage, 2)} / ${number(report.activity.largest_leverage, 2)}`]]);
  const luck = list('Trials', [
    ['Parameter sets tried', format.count(report.trials.count)], ['Sharpe ratio of the luckiest', number(report.trials.luck_sharpe), 'what the best of as many strategies without skill would show, a year'],
    ['P(true Sharpe ratio above that)', percent(report.trials.deflated_sharpe, 1), 'deflated Sharpe ratio: Bailey, López de Prado (2014)']]);
  section.append(make('div', { class: 'columns' }, growth, returns(`Returns of ${stepName}`, steps), returns('Returns of days', days), tradeList('All trades', trades),
    tradeList('Long', report.longs), tradeList('Short', report.shorts), activity, luck));
}

// --- Data and provenance. -----------------------------------------------------------------------------------------

function countTable(title, counts, none) {
  return make('div', {}, make('h3', {}, title), counts.length ? pairs(counts.map((one) => [one.name, format.count(one.count)])) : make('p', { class: 'empty' }, none));
}

function drawData() {
  const section = addSection('data', 'Data', `${format.count(report.ledger.rows_read)} rows were read.`);
  section.append(sortable([
    { label: 'Instrument', left: true, value: (s) => s.label },
    { label: 'Rows', value: (s) => s.rows, text: format.count },
    { label: 'Rejected', value: (s) => s.rejected_rows, text: format.count },
    { label: 'After a gap', value: (s) => s.gap_rows, text: format.count, tip: 'rows that the source marked as coming after a gap' },
    { label: 'First', value: (s) => s.first, text: format.rfc },
    { label: 'Last', value: (s) => s.last, text: format.rfc },
    { label: 'Longest silence', value: (s) => s.longest_gap_s, text: format.length },
    { label: 'since', value: (s) => s.longest_gap_from, text: format.rfc },
  ], report.symbols, { pageSize: report.symbols.length > 30 ? 30 : 0 }).element);
  const reasons = report.ledger.reasons.filter((one) => one.count > 0);
  section.append(make('h3', {}, 'What the door noticed'), reasons.length ? sortable([
    { label: 'Reason', left: true, value: (one) => one.reason },
    { label: 'Consequence', left: true, value: (one) => one.consequence },
    { label: 'Rows', value: (one) => one.count, text: format.count },
    { label: 'First at', left: true, value: (one) => one.first || DASH },
    { label: 'It was', left: true, wrap: true, value: (one) => one.sample || DASH },
  ], reasons, { sort: [2, true] }).element : make('p', { class: 'empty' }, 'Nothing: every row was used as it is.'));
}

function drawOrders() {
  const section = addSection('orders', 'Orders that went no further', `${format.count(report.counts.signals)} signals, ${format.count(report.counts.orders)} orders, ${format.count(report.counts.fills)} fills.`);
  section.append(make('div', { class: 'columns' }, countTable('Blocked before sending', report.blocked, 'None.'), countTable('Rejected by the venue', report.rejected, 'None.')));
}

function drawProvenance() {
  const section = addSection('provenance', 'Parameters and provenance', 'What it takes to make this run again.');
  const list = (title, rows) => make('div', {}, make('h3', {}, title), rows.length ? pairs(rows, 'words') : make('p', { class: 'empty' }, 'None.'));
  section.append(make('div', { class: 'columns' }, list('Parameters', report.parameters), list('Assumptions', report.assumptions)),
    list('Provenance', [...report.provenance, ['seconds', format.number(report.seconds, 2)]]),
    list('Inputs', report.files.map((file) => [file.path, [file.layout, `${format.count(file.bytes)} bytes`, file.rows ? `${format.count(file.rows)} rows` : null, file.modified,
      ...file.renamed].filter(Boolean).join(', ')])));
}

function drawRun() {
  const links = drawHead();
  if (!report.counts.fills) {
    document.getElementById('report').append(make('ul', { class: 'notes', id: 'nothing' }, make('li', {},
      report.counts.orders ? 'No order was filled: there is no trade to report. Below is why orders ended.'
        : report.counts.signals ? 'No order was sent: there is no trade to report. Below is what stopped them.' : 'No trade was made: the strategy gave no signal on this input.')));
  }
  drawHeadline();
  const filled = [['equity', 'Equity', drawEquity], ['periods', 'Periods', drawPeriods], ['prices', 'Prices', drawPrices], ['costs', 'Costs', drawCosts],
    ['scenarios', 'Scenarios', drawScenarios], ['symbols', 'Instruments', drawSymbols], ['trades', 'Trades', drawTrades], ['orders', 'Orders', drawOrders], ['figures', 'Figures', drawFigures]];
  const bare = [['orders', 'Orders', drawOrders], ['prices', 'Prices', drawPrices], ['symbols', 'Instruments', drawSymbols]]; // where nothing was traded, a flat line is no news
  const rest = [['data', 'Data', drawData], ['provenance', 'Provenance', drawProvenance]];
  for (const [id, name, draw] of [...(report.counts.fills ? filled : bare), ...rest]) {
    draw();
    links.append(make('a', { href: '#' + id }, name));
  }
  document.getElementById('foot').append('Made by millrace. Charts: TradingView Lightweight Charts™, Copyright (c) 2026 TradingView, Inc., ',
    make('a', { href: 'https://www.tradingview.com/', rel: 'noreferrer' }, 'https://www.tradingview.com/'), ', Apache License 2.0.');
}

drawRun();
document.documentElement.dataset.ready = 'yes';
