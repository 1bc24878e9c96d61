/**
 * Gives the window this title until what it answers with is called. React writes the title of a page's metadata when it gets to
 * it, which on a slow machine is after the page knows better; so whatever writes another one meanwhile is put right.
 */
export function keepWindowTitle(title: string): () => void {
  const put = () => {
    // As it was written: document.title answers without repeated spaces, and would differ for ever.
    if (document.head.querySelector("title")?.textContent !== title) document.title = title;
  };
  put();
  const observer = new MutationObserver(put);
  observer.observe(document.head, { childList: true, characterData: true, subtree: true });
  return () => observer.disconnect();
}
