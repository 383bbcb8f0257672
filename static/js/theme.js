// In <head>, before the first paint. The server prints data-bs-theme from the cookie; without one, follow the device.
(function (d) {
  d.classList.add("js");
  if (!d.dataset.bsTheme) d.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})(document.documentElement);
