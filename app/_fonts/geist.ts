// The faces of the pages. Latin letters come first and small: cut out of Geist's own files (all features, weights 400 to 600; see
// the ranges below) with subset-font, a third of their size. Other letters are read from the whole files when a page has some.
import localFont from "next/font/local";

const sansLatin = localFont({ src: "./geist-latin.woff2", variable: "--font-sans-latin", weight: "400 600" });
const monoLatin = localFont({
  src: "./geist-mono-latin.woff2",
  variable: "--font-mono-latin",
  weight: "400 600",
  adjustFontFallback: false,
});

// Next reads these calls without running them, so the same text stands twice: everything outside of U+20-7E, A0-FF, 2010-2027,
// 2030-203A, 2190-2193, 131, 152-153, 20AC, 2122, 2212, 2264-2265 and 2713.
const sansRest = localFont({
  src: "../../node_modules/geist/dist/fonts/geist-sans/Geist-Variable.woff2",
  variable: "--font-sans-rest",
  weight: "100 900",
  preload: false,
  adjustFontFallback: false,
  declarations: [
    {
      prop: "unicode-range",
      value:
        "U+100-130,U+132-151,U+154-200F,U+2028-202F,U+203B-20AB,U+20AD-2121,U+2123-218F,U+2194-2211,U+2213-2263,U+2266-2712,U+2714-10FFFF",
    },
  ],
});
const monoRest = localFont({
  src: "../../node_modules/geist/dist/fonts/geist-mono/GeistMono-Variable.woff2",
  variable: "--font-mono-rest",
  weight: "100 900",
  preload: false,
  adjustFontFallback: false,
  declarations: [
    {
      prop: "unicode-range",
      value:
        "U+100-130,U+132-151,U+154-200F,U+2028-202F,U+203B-20AB,U+20AD-2121,U+2123-218F,U+2194-2211,U+2213-2263,U+2266-2712,U+2714-10FFFF",
    },
  ],
});

/** For the root element; globals.css puts them in order. */
export const fontVariables = [sansLatin, monoLatin, sansRest, monoRest].map(({ variable }) => variable).join(" ");
