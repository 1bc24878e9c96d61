// On pages that read whole without a script: React and what the page does with it are loaded when somebody begins to do something,
// not before. Until then nothing of them is fetched, parsed or run. build.ts puts this in the place of the scripts it stands for and
// says in `laterScripts` which those are.
(() => {
  const begins = ["pointerover", "pointerdown", "touchstart", "click", "keydown", "focusin"];
  const listening = { capture: true, passive: true };
  /** Done before the page was alive, and done again when it is: the last click and the last key. */
  let click = null;
  let key = null;
  let isLoading = false;

  function load() {
    if (isLoading) return;
    isLoading = true;
    for (const type of begins) removeEventListener(type, load, listening);
    for (const src of laterScripts) {
      const script = document.createElement("script");
      script.src = src;
      script.async = true;
      document.head.append(script);
    }
  }

  function noteClick(event) {
    // Links, summaries and buttons that send a form work by themselves.
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.type === "button") click = button;
  }

  function noteKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("a, button, input, select, textarea"))
      return;
    // The field is there already: what is typed after the slash belongs in it, and would be lost until the page is alive.
    const field = event.key === "/" ? document.querySelector('input[aria-keyshortcuts="/"]') : null;
    if (field === null) {
      key = event;
      return;
    }
    event.preventDefault();
    field.focus();
    field.select();
  }

  for (const type of begins) addEventListener(type, load, listening);
  // The colours follow the system's, which only the page that is alive can do.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", load, { once: true });
  addEventListener("click", noteClick, listening);
  addEventListener("keydown", noteKey, true);
  addEventListener(
    "policylayer:alive",
    () => {
      removeEventListener("click", noteClick, listening);
      removeEventListener("keydown", noteKey, true);
      click?.click();
      if (key !== null)
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: key.key, bubbles: true, cancelable: true }));
    },
    { once: true },
  );
})();
