// Sphinx puts this into its search (html_search_scorer): headings that hold all words of the query come first, the shortest of them on top.
function headingsFirst() {
  // From a folder, without a server, browsers refuse to read the pages that summaries are cut from.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  const perform = Search._performSearch;
  Search._performSearch = (query, terms, ...more) => {
    const {alltitles, docnames, filenames, titles} = Search._index;
    const stemmer = new Stemmer();
    const headings = [];
    for (const [title, places] of Object.entries(alltitles)) {
      const stems = new Set(splitQuery(title.toLowerCase()).map((word) => stemmer.stemWord(word)));
      if (!terms.size || ![...terms].every((term) => stems.has(term))) continue;
      for (const [file, id] of places) {
        const top = titles[file] === title;
        const score = terms.size / stems.size + (top ? 0.01 : 0) + (title === query.trim() ? 1 : 0);
        headings.push([
          docnames[file], top ? title : `${titles[file]} > ${title}`, id && !top ? `#${id}` : "", null, score, filenames[file],
        ]);
      }
    }
    headings.sort((a, b) => a[4] - b[4]);
    const known = new Set(headings.map((result) => result[0] + result[2]));
    const rest = perform(query, terms, ...more).filter((result) => !known.has(result[0] + result[2]));
    return [...rest, ...headings]; // the last is shown first
  };
}

// The search starts when the page is there; its code may stand before or after this file.
if (typeof Search === "undefined") document.addEventListener("DOMContentLoaded", headingsFirst);
else headingsFirst();
