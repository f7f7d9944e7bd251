// How the site of the documentation searches. The site (`docs/.vitepress`) and the test of ten questions read the same settings. Each function
// must stand by itself: the site sends its text to the browser.

/** The settings of MiniSearch, which the site's local search is made of. */
export const siteSearch = {
  options: {
    /** Words that stand in every question say nothing. */
    processTerm: (term) => {
      const word = term.toLowerCase();
      const empty =
        /^(a|an|and|are|as|at|be|by|can|do|does|for|from|get|have|how|i|if|in|is|it|its|me|my|of|on|or|that|the|this|to|use|was|what|when|where|which|who|with|without|you|your)$/;
      return empty.test(word) ? null : word;
    },
  },
  searchOptions: {
    fuzzy: 0.2,
    prefix: true,
    boost: { title: 4, text: 2, titles: 1 },
    /** A guide before a package's page, that before an example; what explains us or lists everything comes last. */
    boostDocument: (id) => {
      if (/^[/]docs[/](design|faults|benchmarks|api)\b/.test(id)) return 0.1;
      if (/^[/]docs[/]/.test(id)) return 1;
      return /^[/]packages[/]/.test(id) ? 0.7 : 0.5;
    },
  },
};
