// The cards of a dashboard: quiet while nobody looks, and each fails and tries again by itself.
(function () {
  var doc = document, slept = false;
  function on(name, act) { doc.addEventListener(name, act); }
  function isCard(elt) { return elt.matches && elt.matches("[data-card]"); }

  on("htmx:beforeRequest", function (e) {
    var card = e.detail.elt;
    if (!isCard(card)) return;
    if (card.querySelector("details[open]")) e.preventDefault();      // somebody reads on in it
    if (!doc.hidden) return;
    e.preventDefault();
    slept = true;
  });
  on("visibilitychange", function () {
    if (doc.hidden || !slept) return;
    slept = false;
    doc.querySelectorAll("[data-card]").forEach(function (card) { htmx.trigger(card, "wake"); });
  });

  function fail(e) {
    var card = e.detail.elt, skeleton = card.querySelector && card.querySelector(".gs-skel");
    if (!isCard(card) || card.querySelector(".gs-live__e")) return;
    var note = doc.getElementById("card-failed").content.firstElementChild.cloneNode(true);
    if (skeleton) {
      skeleton.closest("section").removeAttribute("aria-busy");
      skeleton.hidden = true;
      skeleton.after(note);
    } else card.prepend(note);
  }
  on("htmx:responseError", fail);
  on("htmx:sendError", fail);
  on("htmx:timeout", fail);
  on("click", function (e) {
    var again = e.target.closest("[data-again]");
    if (!again) return;
    var card = again.closest("[data-card]"), skeleton = card.querySelector(".gs-skel");
    again.closest(".gs-live__e").remove();
    if (skeleton) skeleton.hidden = false;
    htmx.trigger(card, "wake");
  });
})();
