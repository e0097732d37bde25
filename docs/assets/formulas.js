// Typesets the formulas of a page. Without scripts their TeX stays readable.
for (const place of document.querySelectorAll(".math")) {
  katex.render(place.textContent, place, { throwOnError: false });
}
