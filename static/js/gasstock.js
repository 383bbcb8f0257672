// All the behaviour the pages need beyond htmx. No inline handlers, no inline styles, one listener per event.
(function () {
  var doc = document, root = doc.documentElement;
  function on(name, act) { doc.addEventListener(name, act); }

  on("click", function (e) {
    doc.querySelectorAll("details.gs-menu[open],details.gs-more[open]").forEach(function (menu) {
      if (!menu.contains(e.target)) menu.open = false;
    });
    var t = e.target.closest("[data-theme-toggle],[data-open],[data-close],[data-d],[data-dismiss],[data-show]");
    if (!t) return;
    if (t.hasAttribute("data-theme-toggle")) {
      var v = root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
      doc.cookie = "theme=" + v + ";path=/;max-age=31536000;samesite=lax" + (location.protocol === "https:" ? ";secure" : "");
    } else if (t.dataset.open) {                       // <button data-open="#id"> opens a <dialog>
      e.preventDefault();
      doc.querySelector(t.dataset.open).showModal();
    } else if (t.hasAttribute("data-close")) {
      t.closest("dialog").close();
    } else if (t.hasAttribute("data-dismiss")) {
      t.closest(".gs-toast").remove();
    } else if (t.dataset.show) {                       // password: show and hide
      var p = doc.getElementById(t.dataset.show), hidden = p.type === "password";
      p.type = hidden ? "text" : "password";
      t.textContent = hidden ? t.dataset.hideText : t.dataset.showText;
    } else {                                           // stepper
      var i = t.parentNode.querySelector("input"), n = (parseInt(i.value, 10) || 0) + +t.dataset.d;
      i.value = Math.min(+i.dataset.max || 99, Math.max(+i.dataset.min || 0, n));
      i.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  on("keydown", function (e) {
    var menu = e.key === "Escape" && doc.querySelector("details.gs-menu[open],details.gs-more[open]");
    if (menu) { menu.open = false; menu.firstElementChild.focus(); }
    var open = e.key === "Escape" && e.target.closest("form"), leave = open && open.querySelector("[data-esc]");
    if (leave) leave.click();                          // a field that was opened in its place is left as it was
  });

  // a toast goes when its bar has run out or its time is up; with reduced motion it stays until it is closed
  on("animationend", function (e) {
    var toast = /^gs-(drain|leave)$/.test(e.animationName) && e.target.closest(".gs-toasts .gs-toast");
    if (toast) toast.remove();
  });
  function complain(key) {
    var box = doc.getElementById("toasts"), from = doc.getElementById("toast-failed");
    var toast = from.content.firstElementChild.cloneNode(true), text = from.dataset[key], last = box.lastElementChild;
    if (text) toast.querySelector("p").textContent = text;
    if (!last || last.textContent !== toast.textContent) box.append(toast);
  }
  on("htmx:sendError", function () { complain("offline"); });
  on("htmx:timeout", function () { complain("slow"); });
  on("htmx:responseError", function (e) { complain(e.detail.xhr.status); });

  // what was sent once is not sent again before the answer is there; hx-sync has its own rules
  on("submit", function (e) {
    var form = e.target;
    if (e.defaultPrevented || form.method !== "post") return;
    if (form.dataset.busy) e.preventDefault();
    form.dataset.busy = "1";
  });
  addEventListener("pageshow", function () {
    doc.querySelectorAll("[data-busy]").forEach(function (form) { delete form.dataset.busy; });
  });
  on("htmx:confirm", function (e) {                    // the one event before htmx would queue a second request
    if (e.detail.elt.dataset.busy) e.preventDefault();
  });
  on("htmx:beforeRequest", function (e) {
    var who = e.detail.elt;
    if (e.detail.requestConfig.verb !== "get" && !who.closest("[hx-sync]")) who.dataset.busy = "1";
  });
  on("htmx:afterRequest", function (e) { delete e.detail.elt.dataset.busy; });

  // what is being looked up anew pales until it is there; not what refreshes itself
  on("htmx:beforeSend", function (e) { if (e.detail.target !== e.detail.elt) e.detail.target.setAttribute("aria-busy", "true"); });
  on("htmx:afterRequest", function (e) { e.detail.target.removeAttribute("aria-busy"); });

  // a list that refreshes itself (data-calm) waits while somebody types in it, has ticked something, or sends from it
  function isUsed(config) {
    var list = config.elt, at = doc.activeElement;
    if (!list.hasAttribute || !list.hasAttribute("data-calm")) return false;
    return list.querySelector("[data-busy],input:checked") || list.contains(at) && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName);
  }
  on("htmx:beforeRequest", function (e) { if (isUsed(e.detail.requestConfig)) e.preventDefault(); });
  on("htmx:beforeSwap", function (e) { if (isUsed(e.detail.requestConfig)) e.detail.shouldSwap = false; });

  // a row of tabs that is wider than the phone begins with the one we are on
  function showTab() {
    doc.querySelectorAll(".gs-tabs>[aria-current]").forEach(function (tab) {
      var row = tab.parentNode;
      row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
    });
  }
  on("htmx:afterSettle", showTab);

  // a form that came back with mistakes: go to the summary, else to the first wrong field
  function showErrors(where) {
    var first = where.querySelector("[data-errors]") || where.querySelector(".is-invalid");
    if (first) first.focus();
  }
  on("htmx:afterSettle", function (e) {
    if (e.detail.xhr && e.detail.xhr.status === 422) showErrors(e.detail.elt.isConnected ? e.detail.elt : doc);
  });
  on("DOMContentLoaded", function () { showErrors(doc); showTab(); });
})();
