// At the door: what was typed outlives a lost network and a phone that forgets the page, the cash follows the bill,
// and a photo is made small before it is sent.
(function () {
  var doc = document, key = "run " + location.pathname, WIDEST = 960;
  function form() { return doc.querySelector("[data-run]"); }
  function field(name) { var f = form(); return f && f.elements[name]; }

  // --- what was typed ---
  function kept(f) {
    return [].filter.call(f.elements, function (i) { return i.name && !/^(hidden|file|submit)$/.test(i.type); });
  }
  function isChanged(i) {
    if (i.type === "checkbox") return i.checked !== i.defaultChecked;
    if (i.options) return i.selectedIndex > 0;
    return i.value !== i.defaultValue;
  }
  function keep() {
    var f = form(), typed = {};
    if (f) kept(f).filter(isChanged).forEach(function (i) { typed[i.name] = i.type === "checkbox" ? i.checked : i.value; });
    try { sessionStorage.setItem(key, JSON.stringify(typed)); } catch (e) { /* private mode: the page itself still has it */ }
  }
  function restore() {
    var typed = {}, f = form(), last;
    try { typed = JSON.parse(sessionStorage.getItem(key)) || {}; } catch (e) { /* nothing was kept */ }
    if (!f) return;
    kept(f).forEach(function (i) {
      if (!(i.name in typed)) return;
      if (i.type === "checkbox") i.checked = typed[i.name]; else i.value = typed[i.name];
      last = i;
    });
    if (last) last.dispatchEvent(new Event("change", { bubbles: true }));
  }
  doc.addEventListener("input", keep);
  doc.addEventListener("change", keep);
  doc.addEventListener("DOMContentLoaded", restore);

  // --- as many empties as cylinders, until somebody says otherwise; before the bill is asked for ---
  doc.addEventListener("change", function (e) {
    var given = e.target, line = /^(delivered|empties)_(\d+)$/.exec(given.name), back = line && field("empties_" + line[2]);
    if (back === given) given.dataset.said = "yes";
    if (!back || back === given || !/^\d+$/.test(given.value)) return;
    if (+back.value > +given.value || (!back.dataset.said && back.value === (given.dataset.was || given.defaultValue))) back.value = given.value;
    given.dataset.was = given.value;
  }, true);

  // --- the network ---
  function tell(isLost) {
    var note = doc.querySelector("[data-lost]");
    if (!note) return;
    note.hidden = !isLost;
    doc.querySelectorAll("#toasts [role=alert]").forEach(function (toast) { toast.remove(); });   // the note says it better
  }
  ["htmx:sendError", "htmx:timeout"].forEach(function (name) { doc.addEventListener(name, function () { tell(true); }); });
  doc.addEventListener("htmx:afterOnLoad", function () { tell(false); });

  // --- the cash, as long as nobody typed another sum ---
  var follows = false;
  doc.addEventListener("htmx:beforeSwap", function () {
    var cash = field("cash"), seen = field("seen");
    follows = cash && seen && cash.value === seen.value;
  });
  doc.addEventListener("htmx:afterSwap", function (e) {
    if (follows && e.detail.target.id === "bill") field("cash").value = field("seen").value;
  });

  // --- the photo ---
  doc.addEventListener("change", function (e) {
    var input = e.target, file = input.type === "file" && input.files[0];
    if (!file || !self.createImageBitmap || !self.DataTransfer) return;
    createImageBitmap(file, { imageOrientation: "from-image" }).then(function (photo) {
      var canvas = doc.createElement("canvas"), by = Math.min(1, WIDEST / Math.max(photo.width, photo.height));
      canvas.width = Math.round(photo.width * by);
      canvas.height = Math.round(photo.height * by);
      canvas.getContext("2d").drawImage(photo, 0, 0, canvas.width, canvas.height);
      photo.close();
      canvas.toBlob(function (small) {
        if (!small || small.size >= file.size || input.files[0] !== file) return;
        var bag = new DataTransfer();
        bag.items.add(new File([small], "door.jpg", { type: small.type }));
        input.files = bag.files;
      }, "image/jpeg", 0.7);
    }).catch(function () { /* the server says what is wrong with it */ });
  });
})();
