// The pictures of reports: a JSON in data-chart, our colours, a pattern for each series, drawn anew when the theme changes.
(function () {
  var doc = document, drawn = [];
  if (!window.Chart) return;
  function colour(name) { return getComputedStyle(doc.documentElement).getPropertyValue("--gs-" + name).trim(); }
  function number(value) { return value.toLocaleString(doc.documentElement.lang || "en", { maximumFractionDigits: 2 }); }

  function short(value) { return value.toLocaleString(doc.documentElement.lang || "en", { notation: "compact", maximumFractionDigits: 1 }); }

  // The second series is hatched, the third dotted: they differ without their colours too.
  function hatched(ink, ground, dots) {
    var tile = doc.createElement("canvas"), pen = tile.getContext("2d");
    tile.width = tile.height = 8;
    pen.fillStyle = ground; pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = pen.fillStyle = ink; pen.lineWidth = 2;
    if (dots) { pen.beginPath(); pen.arc(4, 4, 1.8, 0, 7); pen.fill(); }
    else { pen.beginPath(); pen.moveTo(-2, 2); pen.lineTo(2, -2); pen.moveTo(0, 8); pen.lineTo(8, 0); pen.moveTo(6, 10); pen.lineTo(10, 6); pen.stroke(); }
    return pen.createPattern(tile, "repeat");
  }
  function looks(pen) {
    var ground = colour("surface");
    return [
      { line: colour("primary"), fill: colour("primary"), dash: [], point: "circle" },
      { line: colour("wait-dot"), fill: hatched(colour("wait-dot"), ground), dash: [7, 4], point: "triangle" },
      { line: colour("move-dot"), fill: hatched(colour("move-dot"), ground, true), dash: [2, 3], point: "rect" },
      { line: colour("off-dot"), fill: colour("off-dot"), dash: [10, 3, 2, 3], point: "rectRot" }
    ];
  }
  function options(spec) {
    var tall = spec.kind !== "line" && spec.labels.length > 5, flat = tall ? "y" : "x", up = tall ? "x" : "y", many = spec.series.length > 1;
    var scales = {};
    scales[flat] = { stacked: spec.kind === "stacked", grid: { display: false }, border: { color: colour("line-2") }, ticks: { autoSkip: !tall, maxRotation: 0, callback: function (value) { var text = this.getLabelForValue(value); return text.length > 22 ? text.slice(0, 21) + "…" : text; } } };
    scales[up] = { stacked: spec.kind === "stacked", beginAtZero: true, border: { display: false }, grid: { color: colour("line") }, ticks: { maxTicksLimit: 5, maxRotation: 0, callback: short } };
    return {
      indexAxis: flat, maintainAspectRatio: false, animation: false, scales: scales, interaction: { mode: "index", intersect: false, axis: flat },
      plugins: {
        legend: { display: many, align: "start", labels: { boxWidth: 22, usePointStyle: spec.kind === "line" } },
        tooltip: { callbacks: { label: function (item) { var of = spec.series[item.datasetIndex]; return of.title + ": " + (of.unit ? of.unit + " " : "") + number(of.values[item.dataIndex]); } } }
      }
    };
  }
  function draw(canvas) {
    var spec = JSON.parse(canvas.dataset.chart), look = looks(), isLine = spec.kind === "line" && spec.labels.length > 1;
    canvas.parentNode.classList.toggle("gs-chart--tall", spec.kind !== "line" && spec.labels.length > 5);
    Chart.defaults.font.family = colour("font"); Chart.defaults.font.size = 12; Chart.defaults.color = colour("ink-2");
    drawn.push(new Chart(canvas, {
      type: isLine ? "line" : "bar",
      data: {
        labels: spec.labels,
        datasets: spec.series.map(function (each, n) {
          var of = look[n % look.length];
          return { label: each.title, data: each.values, borderColor: of.line, backgroundColor: isLine ? of.line : of.fill, borderWidth: isLine ? 2 : 1, borderDash: isLine ? of.dash : undefined, pointStyle: of.point, pointRadius: spec.labels.length > 62 ? 0 : 3, borderRadius: isLine ? undefined : 4, maxBarThickness: 34 };
        })
      },
      options: options(spec)
    }));
  }
  function drawAll() {
    drawn.splice(0).forEach(function (chart) { chart.destroy(); });
    doc.querySelectorAll("canvas[data-chart]").forEach(draw);
  }
  drawAll();
  new MutationObserver(drawAll).observe(doc.documentElement, { attributeFilter: ["data-bs-theme"] });
  doc.addEventListener("htmx:afterSwap", drawAll);
})();
