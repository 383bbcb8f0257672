// The counter: the ticket lives here until it is sold, and survives a reload. Prices come with the keys; the server's count.
(function () {
  var doc = document, $ = function (id) { return doc.getElementById(id); };
  var ticket = $("ticket"), words = ticket.dataset, scale = Math.pow(10, +words.decimals), got = $("got");
  var SCAN_GAP = 80, SHORTEST_CODE = 3, WAYS = 4;        // milliseconds between the characters of a scanner
  var goods = {}, state, backMode = false, busy = false;

  // --- words and money ---
  function say(key, values) {
    return words["t" + key[0].toUpperCase() + key.slice(1)].replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }
  function figures(minor) {
    var rest = minor % scale !== 0 ? +words.decimals : 0;
    return (minor / scale + 0).toLocaleString("en", { minimumFractionDigits: rest, maximumFractionDigits: rest }).replace("-", "−");
  }
  function typed() { return Math.round((parseFloat(got.value.replace(/[^\d.]/g, "")) || 0) * scale); }
  function given(minor) { got.value = minor ? figures(minor) : ""; }
  function tell(text) { $("said").textContent = text; }
  function trouble(text) {
    var note = doc.createElement("p");
    note.className = "gs-note gs-note--bad"; note.textContent = text;
    $("trouble").replaceChildren(note);
    note.scrollIntoView({ block: "nearest" });
  }

  // --- the ticket ---
  function fresh() {
    var key = crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");
    return { key: key, lines: [], parts: [], buyer: null, on: -1 };
  }
  function keep() { try { sessionStorage.setItem(words.store, JSON.stringify(state)); } catch (e) { /* the till works without */ } }
  function readGoods() {
    goods = {};
    doc.querySelectorAll("#shelf [data-listing]").forEach(function (tile) {
      var d = tile.dataset;
      goods[d.listing] = {
        tile: tile, id: d.listing, sku: d.sku, name: d.name, variant: d.variant, size: d.size, refill: +d.refill,
        fresh: d.new === "" || d.new === undefined ? null : +d.new, deposit: +d.deposit || 0, free: +d.free, piece: !d.size
      };
    });
    state.lines = state.lines.filter(function (line) { return goods[line.id]; });
    state.on = Math.min(state.on, state.lines.length - 1);
  }
  function find(id, kind) { return state.lines.findIndex(function (line) { return line.id === id && line.kind === kind; }); }
  function add(id, quantity) {
    var thing = goods[id], kind = thing.piece ? "piece" : backMode ? "back" : "refill", i = find(id, kind);
    if (i < 0) i = state.lines.push({ id: id, kind: kind, n: 0, missing: 0, brand: "" }) - 1;
    state.lines[i].n = Math.min(99, state.lines[i].n + (quantity || 1));
    state.on = i;
    changed();
    tell(say("added", { words: state.lines[i].n + " × " + thing.name }));
  }
  function setQuantity(i, n) {
    if (n > 0) state.lines[i].n = Math.min(99, n);
    else { state.lines.splice(i, 1); state.on = Math.min(state.on, state.lines.length - 1); }
    changed();
  }
  function setKind(i, kind) {
    var line = state.lines[i], other = find(line.id, kind);
    if (line.kind === kind || kind === "new" && goods[line.id].fresh === null) return;
    if (other >= 0) {
      state.lines[other].n = Math.min(99, state.lines[other].n + line.n);
      state.lines.splice(i, 1);
      state.on = find(line.id, kind);
    } else line.kind = kind;
    changed();
  }
  function refund(line) {                                // of a known buyer the oldest first, as the server pays it
    var thing = goods[line.id], left = line.n, sum = 0;
    if (!state.buyer || !state.buyer.pk) return { sum: left * thing.deposit, short: 0 };
    (state.buyer.lots[thing.variant] || []).forEach(function (lot) {
      var part = Math.min(left, lot[0]);
      sum += part * lot[1]; left -= part;
    });
    return { sum: sum, short: left };
  }
  function sum(line) {
    var thing = goods[line.id], missing = Math.min(line.missing, line.n);
    var whole = (thing.fresh === null ? thing.refill : thing.fresh) + thing.deposit;
    if (line.kind === "back") return -refund(line).sum;
    if (line.kind === "new") return line.n * whole;
    return (line.n - (line.kind === "refill" ? missing : 0)) * thing.refill + (line.kind === "refill" ? missing * whole : 0);
  }
  function total() { return state.lines.reduce(function (all, line) { return all + sum(line); }, 0); }
  function paid() { return state.parts.reduce(function (all, part) { return all + part.amount; }, 0); }
  function due() { return total() - paid(); }
  function changed() {
    if (paid() > Math.max(0, total())) state.parts = [];  // what was taken in part no longer fits
    $("trouble").replaceChildren();
    keep();
    draw();
  }

  // --- drawing it ---
  function draw() {
    var at = doc.activeElement, row = at && at.closest("#lines li"), focus = at && at.dataset.f;
    var index = row ? [].indexOf.call(row.parentNode.children, row) : -1;
    $("lines").replaceChildren.apply($("lines"), state.lines.map(drawLine));
    if (focus && $("lines").children[index]) {
      at = $("lines").children[index].querySelector('[data-f="' + focus + '"]');
      if (at) at.focus();
    }
    at = $("lines").children[state.on];                  // the line in hand stays in sight, the page where it is
    if (at) $("lines").scrollTop = Math.max(0, at.offsetTop - $("lines").offsetTop + at.offsetHeight - $("lines").clientHeight);
    $("nothing").hidden = state.lines.length > 0;
    $("parts").replaceChildren.apply($("parts"), state.parts.map(drawPart));
    drawBuyer();
    drawKeys();
    drawDue();
  }
  function drawLine(line, i) {
    var thing = goods[line.id], item = $("t-line").content.firstElementChild.cloneNode(true);
    var part = function (name) { return item.querySelector("[data-" + name + "]"); };
    var empties = line.n - Math.min(line.missing, line.n), warning = warn(line, thing);
    item.className = i === state.on ? "is-on" : "";
    part("picture").append(thing.tile.querySelector("template").content.cloneNode(true));
    part("pick").textContent = (line.kind === "back" ? "−" : "") + line.n + " × " + thing.name;
    part("pick").dataset.f = "pick";
    part("words").textContent = describe(line, thing, empties);
    part("warning").textContent = warning;
    part("sum").textContent = figures(sum(line));
    if (i !== state.on) { part("tools").remove(); return item; }
    part("quantity").value = line.n;
    part("quantity").setAttribute("aria-label", thing.name);
    if (thing.fresh === null || line.kind === "back" || line.kind === "piece") part("kinds").remove();
    else item.querySelectorAll("[data-kind]").forEach(function (radio) {
      radio.name = "kind"; radio.checked = radio.value === line.kind;
      if (radio.value === "new") part("more").textContent = "+" + figures(thing.fresh + thing.deposit - thing.refill);
    });
    if (line.kind !== "refill") { part("empties").remove(); part("brands").remove(); return item; }
    part("brought").value = empties;
    part("brought").dataset.max = line.n;
    drawBrands(part("brand"), part("plain"), line, thing, empties);
    return item;
  }
  function describe(line, thing, empties) {
    if (line.kind === "back") return say("back", {});
    if (line.kind === "piece") return say("piece", {});
    if (line.kind === "new") return thing.deposit ? say("new", { money: figures(line.n * thing.deposit) }) : say("nodeposit", {});
    if (!empties) return say("none", {});
    return say(empties === 1 ? "take" : "takes", { n: empties }) + (empties < line.n ? ", " + say("missing", { n: line.n - empties }) : "");
  }
  function warn(line, thing) {
    var short = line.kind === "back" ? refund(line).short : 0, out = 0;
    if (short) return say("holds", { n: line.n - short });
    state.lines.forEach(function (each) { if (each.id === line.id && each.kind !== "back") out += each.n; });
    return line.kind !== "back" && out > thing.free ? say("only", { n: thing.free }) : "";
  }
  function drawBrands(select, plain, line, thing, empties) {
    var choices = doc.querySelector('#shelf template[data-brands="' + thing.size + '"]');
    if (!choices || !empties) { select.remove(); return; }
    select.append(new Option(thing.name, ""), choices.content.cloneNode(true));
    var own = select.querySelector('option[value="' + thing.variant + '"]');
    if (own) own.remove();
    [].forEach.call(select.options, function (option) { option.text = say("empty", { name: option.text }); });
    select.value = line.brand;
    plain.remove();
  }
  function drawPart(part, i) {
    var item = $("t-part").content.firstElementChild.cloneNode(true);
    item.dataset.part = i;
    item.querySelector("[data-words]").textContent = part.way === "bank" ? say("bank", { words: part.reference }) : say("got", {});
    item.querySelector("[data-sum]").textContent = "−" + figures(part.amount);
    return item;
  }
  function drawBuyer() {
    var buyer = state.buyer, box = $("whom");
    box.hidden = !buyer;
    if (!buyer) return;
    box.querySelector("[data-name]").textContent = buyer.name || buyer.shown;
    box.querySelector("[data-phone]").textContent = buyer.name ? buyer.shown : "";
  }
  function drawKeys() {                                  // how many of each key are on the ticket
    Object.keys(goods).forEach(function (id) {
      var tile = goods[id].tile, badge = tile.querySelector(".gs-count"), n = 0;
      state.lines.forEach(function (line) { if (line.id === id) n += line.n; });
      tile.disabled = backMode ? goods[id].piece : goods[id].free <= 0;
      if (n) tile.setAttribute("aria-pressed", "true"); else tile.removeAttribute("aria-pressed");
      if (badge) badge.remove();
      if (!n) return;
      badge = doc.createElement("span");
      badge.className = "gs-count"; badge.textContent = n;
      tile.append(badge);
    });
    var toggle = doc.querySelector("#shelf [data-back]");
    if (toggle) toggle.setAttribute("aria-pressed", String(backMode));
  }
  function drawDue() {
    var open = due(), cash = typed(), out = open < 0, button = ticket.querySelector("[data-cash]"), n = 0;
    $("due").textContent = figures(Math.abs(open));
    $("due-word").textContent = say(out ? "out" : "due", {});
    $("change").value = !out && cash > open && state.lines.length ? figures(cash - open) : "–";
    if (out) button.textContent = say("give", { money: figures(-open) });
    else if (!open && state.lines.length) button.textContent = say("done", {});
    else if (cash && cash < open) button.textContent = say("part", { money: figures(cash) });
    else if (cash > open && state.lines.length) button.textContent = say("change", { money: figures(cash - open) });
    else button.textContent = say(state.lines.length ? "exact" : "cash", {});
    state.lines.forEach(function (line) { n += line.n; });
    $("bar").hidden = !n;
    $("bar").querySelector("[data-count]").textContent = say((n === 1 ? "item" : "items") + (out ? "out" : ""), { n: n });
    $("bar").querySelector("[data-due]").textContent = figures(Math.abs(open));
    ticket.querySelectorAll("[data-pay]").forEach(function (pay) {
      pay.disabled = busy || !state.lines.length || pay.dataset.pay !== "cash" && open <= 0;
    });
  }

  // --- paying ---
  function pay(way) {
    var open = due(), cash = typed();
    if (busy || !state.lines.length) return;
    if (open <= 0) {
      if (way === "cash") send(open ? [{ way: "cash", amount: open }] : []);
    } else if (way === "bank") askReference(cash && cash < open ? cash : open);
    else if (way === "account") {
      if (state.buyer && state.buyer.pk) send([{ way: "account" }]);
      else askBuyer(say("whose", {}));
    } else if (cash && cash < open) take({ way: "cash", amount: cash, given: cash });
    else send([{ way: "cash", amount: open, given: cash || open }]);
  }
  function take(part) {                                  // one of several payments; the last one sells
    if (part.amount >= due()) return send([part]);
    if (state.parts.length >= WAYS - 1) return;
    state.parts.push(part);
    given(0);
    changed();
  }
  function send(last) {
    var values = { key: state.key, total: total() }, buyer = state.buyer;
    state.lines.forEach(function (line) {
      values[line.kind + "_" + line.id] = line.n;
      if (line.kind !== "refill") return;
      values["empties_" + line.id] = line.n - Math.min(line.missing, line.n);
      if (line.brand) values["brand_" + line.id] = line.brand;
    });
    state.parts.concat(last).forEach(function (part, i) {
      values["way_" + i] = part.way;
      if (part.amount !== undefined) values["amount_" + i] = (part.amount / scale).toFixed(+words.decimals);
      if (part.given) values["given_" + i] = (part.given / scale).toFixed(+words.decimals);
      if (part.reference) values["reference_" + i] = part.reference;
    });
    if (buyer) { if (buyer.pk) values.buyer = buyer.pk; values.buyer_name = buyer.name; values.buyer_phone = buyer.phone; }
    busy = true;
    drawDue();
    htmx.ajax("POST", words.sell, { target: "#shelf", swap: "outerHTML", values: values })
      .catch(function () { /* said at htmx:afterRequest */ });
  }
  function isOurs(e) { return e.detail.requestConfig && e.detail.requestConfig.path === words.sell; }
  doc.addEventListener("htmx:afterRequest", function (e) {
    if (!isOurs(e)) return;
    busy = false;
    if (!e.detail.xhr.status) trouble(say("lost", {}));
    drawDue();
  });
  ["htmx:sendError", "htmx:timeout"].forEach(function (name) {  // it may have arrived: the ticket says so, no toast
    addEventListener(name, function (e) { if (isOurs(e)) e.stopPropagation(); }, true);
  });
  doc.addEventListener("htmx:afterSettle", function (e) {
    if (e.target.id !== "shelf") return;
    begin();
    if (!state.lines.length) scrollTo(0, 0);             // sold: on a phone what to give back is said above the keys
    else ticket.scrollIntoView({ block: "nearest" });    // refused: why is said on the ticket
    var wrong = $("trouble").querySelectorAll("[data-for]");
    wrong.forEach(function (note) {                      // what is said of a line goes to the line
      var name = /^(refill|new|piece|back|empties|brand)_(\d+)$/.exec(note.dataset.for);
      var i = name ? find(name[2], /^(empties|brand)$/.test(name[1]) ? "refill" : name[1]) : -1;
      if (i < 0) return;
      $("lines").children[i].querySelector("[data-warning]").textContent = note.textContent.trim();
      note.remove();
    });
  });
  function begin() {                                     // the keys are new: prices and stock as they are now
    if ($("shelf").dataset.last === state.key) {
      state = fresh(); backMode = false;
      given(0);
      keep();
    }
    readGoods();
    rove();
    draw();
  }

  // --- the buyer, the bank ---
  function askBuyer(why) {
    $("who-why").hidden = !why;
    $("who-why").textContent = why || "";
    $("who-q").value = "";
    $("people").replaceChildren();
    $("who").showModal();
    $("who-q").focus();
  }
  function choose(buyer) { state.buyer = buyer; if ($("who").open) $("who").close(); changed(); }
  function askReference(amount) {
    $("bank").dataset.amount = amount;
    $("bank").querySelector("[data-sum]").textContent = figures(amount);
    $("bank-ref").value = "";
    $("bank").showModal();
    $("bank-ref").focus();
  }
  if ($("bank-form")) $("bank-form").addEventListener("submit", function () {
    take({ way: "bank", amount: +$("bank").dataset.amount, reference: $("bank-ref").value.trim() });
  });
  $("who").addEventListener("click", function (e) {
    var person = e.target.closest("[data-person]"), guest = e.target.closest("[data-walk-in]");
    if (guest) choose({ pk: 0, name: guest.dataset.name, phone: guest.dataset.phone, shown: guest.dataset.shown, lots: {} });
    if (!person) return;
    fetch(words.buyer.replace("/0/", "/" + person.dataset.person + "/") + "?q=" + encodeURIComponent(person.dataset.q))
      .then(function (answer) { if (!answer.ok) throw answer; return answer.json(); })
      .then(choose)
      .catch(function () { $("who").close(); trouble(say("lost", {})); });
  });
  $("who").addEventListener("keydown", function (e) {
    var first = $("people").querySelector("button");
    if (e.key === "Enter" && e.target.id === "who-q" && first) { e.preventDefault(); first.click(); }
  });

  // --- pointers ---
  doc.addEventListener("click", function (e) {
    var t = e.target.closest("button");
    if (!t || t.disabled) return;
    var d = t.dataset, row = t.closest("#lines li"), i = row ? [].indexOf.call(row.parentNode.children, row) : -1;
    if (d.listing) { stand(t); add(d.listing); }
    else if (d.repeat) { if (goods[d.repeat]) { backMode = false; add(d.repeat, +d.quantity); } }
    else if ("who" in d) askBuyer();
    else if ("back" in d) { backMode = !backMode; drawKeys(); }
    else if ("pick" in d) { state.on = i; draw(); }
    else if ("forget" in d) choose(null);
    else if ("dropAll" in d) { state = fresh(); given(0); changed(); }
    else if ("undoPart" in d) { state.parts.splice(+t.closest("li").dataset.part, 1); changed(); }
    else if (d.pay) pay(d.pay);
    else if (d.note) { given(typed() + +d.note); drawDue(); }
    else if (d.k) press(d.k);
  });
  function press(k) {
    var digits = String(Math.floor(typed() / scale) || "");
    if (k === "clear") digits = ""; else if (k === "back") digits = digits.slice(0, -1); else digits += k;
    given(Math.min(+digits, 1e9) * scale);
    drawDue();
  }
  got.addEventListener("input", drawDue);
  got.addEventListener("keydown", function (e) { if (e.key === "Enter") { e.preventDefault(); pay("cash"); } });
  $("lines").addEventListener("change", function (e) {
    var t = e.target, row = t.closest("li"), i = [].indexOf.call(row.parentNode.children, row), line = state.lines[i];
    if ("quantity" in t.dataset) setQuantity(i, parseInt(t.value, 10) || 0);
    else if ("brought" in t.dataset) { line.missing = line.n - Math.max(0, Math.min(line.n, parseInt(t.value, 10) || 0)); changed(); }
    else if ("kind" in t.dataset) setKind(i, t.value);
    else if ("brand" in t.dataset) { line.brand = t.value; changed(); }
  });

  // --- keys and the scanner, which types a code and Enter faster than anybody ---
  var buffer = "", last = 0, timer;
  function isTyping(t) { return t.matches("input:not([type=radio]),select,textarea") || doc.querySelector("dialog[open]"); }
  doc.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return;
    if (e.timeStamp - last > SCAN_GAP) flush();
    if (e.key === "Enter") { if (buffer.length >= SHORTEST_CODE) { e.preventDefault(); scanned(buffer); } else flush(); buffer = ""; return; }
    if (/^Arrow/.test(e.key)) { if (move(e.key)) e.preventDefault(); return; }
    if (e.key === "Backspace") { press("back"); return; }
    if (e.key.length !== 1 || e.key === " ") return;
    e.preventDefault();
    buffer += e.key; last = e.timeStamp;
    clearTimeout(timer);
    timer = setTimeout(flush, SCAN_GAP + 10);
  });
  function flush() {
    var keys = buffer;
    buffer = "";
    clearTimeout(timer);
    if (keys.length === 1 || /^\d+$/.test(keys)) keys.split("").forEach(shortcut);
  }
  function scanned(code) {
    var id = Object.keys(goods).find(function (each) { return goods[each].sku.toLowerCase() === code.toLowerCase(); });
    clearTimeout(timer);
    if (id) add(id); else trouble(say("unknown", { words: code }));
  }
  function shortcut(key) {
    var line = state.lines[state.on], button = doc.querySelector('[data-key="' + CSS.escape(key.toLowerCase()) + '"]');
    if (/\d/.test(key)) press(key);
    else if (button) { if (!button.disabled) button.click(); }
    else if (!line) return;
    else if (key === "n" || key === "N") setKind(state.on, line.kind === "refill" ? "new" : line.kind === "new" ? "refill" : line.kind);
    else if (key === "-") setQuantity(state.on, line.n - 1);
    else if (key === "+") setQuantity(state.on, line.n + 1);
    else if ((key === "e" || key === "E") && line.kind === "refill") { line.missing = line.missing >= line.n ? 0 : line.missing + 1; changed(); }
  }

  // --- the arrows ---
  function tiles() { return [].filter.call(doc.querySelectorAll("#shelf .gs-tile"), function (tile) { return !tile.disabled; }); }
  function stand(tile) { doc.querySelectorAll("#shelf .gs-tile").forEach(function (each) { each.tabIndex = each === tile ? 0 : -1; }); }
  function rove() {
    var at = words.stand && goods[words.stand] ? goods[words.stand].tile : tiles()[0];
    if (at) stand(at);
  }
  function move(key) {
    var at = doc.activeElement, all = tiles(), step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key], to;
    if (at !== doc.body && !at.classList.contains("gs-tile")) return false;
    if (at === doc.body) to = doc.querySelector('#shelf .gs-tile[tabindex="0"]:not(:disabled)') || all[0];
    else to = nearest(at.getBoundingClientRect(), all, step);
    if (!to) return at !== doc.body;
    stand(to);
    to.focus();
    if (to.dataset.listing) words.stand = to.dataset.listing;
    return true;
  }
  function nearest(from, all, step) {                    // in the same row or column first, else what lies closest that way
    var best = null, least = Infinity;
    all.forEach(function (tile) {
      var r = tile.getBoundingClientRect(), dx = r.left + r.width / 2 - from.left - from.width / 2, dy = r.top - from.top;
      var along = dx * step[0] + dy * step[1], aside = Math.abs(step[0] ? dy : dx);
      if (along < 5 || step[0] && aside > 5) return;
      if (along + aside * 8 < least) { least = along + aside * 8; best = tile; }
    });
    return best;
  }

  try { state = JSON.parse(sessionStorage.getItem(words.store)); } catch (e) { /* begin anew */ }
  if (!state || !state.key || !Array.isArray(state.lines)) state = fresh();
  begin();
})();
