export interface Bar {
  readonly label: string;
  readonly value: number;
}

const [width, height, left, top, bottom] = [720, 400, 60, 50, 40];

/** A bar chart as SVG. What comes from outside is text in it, never markup. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const highest = niceAbove(Math.max(...bars.map(({ value }) => value), 0));
  const y = (value: number) => height - bottom - (value / highest) * (height - top - bottom);
  const step = (width - left - 20) / bars.length;
  const lines = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(highest * part);
    return `<line x1="${left}" x2="${width - 20}" y1="${at}" y2="${at}" stroke="#ddd"/>
<text x="${left - 8}" y="${at + 4}" text-anchor="end">${Math.round(highest * part).toLocaleString('en')}</text>`;
  });
  const drawn = bars.map(({ label, value }, index) => {
    const x = left + index * step;
    return `<rect x="${x + step * 0.15}" y="${y(value)}" width="${step * 0.7}" height="${y(0) - y(value)}" fill="#2a6f97"/>
<text x="${x + step / 2}" y="${height - bottom + 18}" text-anchor="middle">${escaped(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${width / 2}" y="28" text-anchor="middle" font-size="17">${escaped(title)}</text>
${[...lines, ...drawn].join('\n')}
</svg>
`;
}

/** The next 1, 2, 4 or 5 times a power of ten, so that the lines have round numbers. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return power * ([1, 2, 4, 5, 10].find((factor) => factor * power >= value) ?? 10);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.codePointAt(0)};`);
}
