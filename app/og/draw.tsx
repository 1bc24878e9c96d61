// Draws a picture for links, here and with fonts that are here: nothing of it comes over the network.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { ImageResponse } from "next/og";
import type { CSSProperties, ReactNode } from "react";
import type { Severity } from "../../catalog/schema.ts";
import type { Picture } from "./picture.ts";

export const pictureSize = { width: 1200, height: 630 };

const colours: Record<Severity, { solid: string; soft: string; ink: string }> = {
  low: { solid: "#2f8f5b", soft: "#e4f5ea", ink: "#1c6b41" },
  medium: { solid: "#b98a17", soft: "#fbf2d5", ink: "#775503" },
  high: { solid: "#cc6a2c", soft: "#fdeee3", ink: "#8f3f0b" },
  critical: { solid: "#b8323f", soft: "#fce9ea", ink: "#93202f" },
};
const plain = { solid: "#0c5c66", soft: "#e1f3f3", ink: "#0c5c66" };

const fontFiles = [
  { name: "Sans", weight: 400, file: "geist-sans/Geist-Regular.ttf" },
  { name: "Sans", weight: 600, file: "geist-sans/Geist-SemiBold.ttf" },
  { name: "Mono", weight: 600, file: "geist-mono/GeistMono-SemiBold.ttf" },
] as const;
let fonts: Promise<{ name: string; weight: 400 | 600; data: Buffer }[]> | undefined;

function readFonts() {
  const folder = path.join(process.cwd(), "node_modules/geist/dist/fonts");
  return Promise.all(
    fontFiles.map(async ({ name, weight, file }) => ({ name, weight, data: await readFile(path.join(folder, file)) })),
  );
}

/** A PNG. The texts of the picture must be drawable (drawable.ts). */
export async function draw(picture: Picture): Promise<Buffer> {
  fonts ??= readFonts();
  const image = new ImageResponse(<Card {...picture} />, { ...pictureSize, fonts: await fonts });
  return Buffer.from(await image.arrayBuffer());
}

function Card({ kind, title, isName, about, severity, counts = [] }: Picture) {
  const colour = severity ? colours[severity] : plain;
  return (
    <Row style={{ width: "100%", height: "100%", background: "#f8f9fa", color: "#171d20", fontFamily: "Sans" }}>
      <Row style={{ width: 20, height: "100%", background: colour.solid }} />
      <Column style={{ flex: 1, padding: "60px 72px 56px 60px", justifyContent: "space-between" }}>
        <Row style={{ justifyContent: "space-between", alignItems: "center", fontSize: 32 }}>
          <Row style={{ alignItems: "center", fontWeight: 600 }}>
            <Mark />
            <span style={{ marginLeft: 18 }}>PolicyLayer</span>
          </Row>
          <Row style={{ alignItems: "center", fontSize: 28 }}>
            <span style={{ color: "#515b60" }}>{kind}</span>
            {severity && (
              <Row
                style={{
                  marginLeft: 20,
                  padding: "8px 20px",
                  borderRadius: 10,
                  background: colour.soft,
                  color: colour.ink,
                  fontWeight: 600,
                }}
              >
                {`${severity.charAt(0).toUpperCase()}${severity.slice(1)} risk`}
              </Row>
            )}
          </Row>
        </Row>
        <Column>
          <Row
            style={{
              fontFamily: isName ? "Mono" : "Sans",
              fontWeight: 600,
              fontSize: sizeOf(title),
              lineHeight: 1.12,
              letterSpacing: "-0.03em",
              textWrap: "balance",
              wordBreak: isName ? "break-all" : "break-word",
            }}
          >
            {title}
          </Row>
          {about && (
            <Row style={{ marginTop: 22, fontSize: 34, lineHeight: 1.35, color: "#515b60", textWrap: "balance" }}>
              {about}
            </Row>
          )}
        </Column>
        <Row style={{ flexWrap: "wrap", minHeight: 44 }}>
          {counts
            .filter(({ count }) => count > 0)
            .map(({ label, count, severity: of }) => (
              <Row key={label} style={{ marginRight: 40, alignItems: "center", fontSize: 30 }}>
                {of && (
                  <Row
                    style={{ width: 18, height: 18, borderRadius: 9, marginRight: 12, background: colours[of].solid }}
                  />
                )}
                <span style={{ fontWeight: 600 }}>{count.toLocaleString("en-US")}</span>
                <span style={{ marginLeft: 10, color: "#515b60" }}>{label}</span>
              </Row>
            ))}
        </Row>
      </Column>
    </Row>
  );
}

/** Long names get smaller letters, so that they keep to three lines. */
function sizeOf(title: string): number {
  if (title.length <= 22) return 84;
  return title.length <= 44 ? 66 : 54;
}

function Row({ style, children }: { style: CSSProperties; children?: ReactNode }) {
  return <div style={{ display: "flex", ...style }}>{children}</div>;
}

function Column({ style, children }: { style?: CSSProperties; children: ReactNode }) {
  return <div style={{ display: "flex", flexDirection: "column", ...style }}>{children}</div>;
}

function Mark() {
  return (
    <svg width="52" height="52" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0c5c66" />
      <path d="M6 10.5h20M6 21.5h20" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" opacity=".45" />
      <path d="M6 16h6.5M19.5 16H26" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="16" cy="16" r="2.3" fill="#7fe3e0" />
    </svg>
  );
}
