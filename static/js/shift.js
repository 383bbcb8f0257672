// Counting a drawer: what is typed times what it is worth, added up as it grows. Without it the server does the sums.
(function () {
  var form = document.querySelector("[data-count]");
  if (!form) return;
  var decimals = +form.dataset.decimals, scale = Math.pow(10, decimals), symbol = form.dataset.symbol;
  var space = /[a-z]$/i.test(symbol) ? "\u00a0" : "";
  function money(amount) {
    var rest = amount % scale;
    return symbol + space + (amount / scale).toLocaleString("en", { minimumFractionDigits: rest ? decimals : 0 });
  }
  function add() {
    var total = 0;
    form.querySelectorAll("[data-worth]").forEach(function (input) {
      var count = /^\s*\d+\s*$/.test(input.value) ? +input.value : 0, sum = count * input.dataset.worth;
      input.closest("li").querySelector("[data-sum]").textContent = sum ? money(sum) : "";
      total += sum;
    });
    form.querySelector("[data-total]").textContent = money(total);
  }
  form.addEventListener("input", add);
  form.addEventListener("change", add);
  addEventListener("pageshow", add);
  add();
})();
