/** Arithmetic that a person may type into a number field: + - * / % ^, brackets, pi, and a few functions. */

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  sqrt: Math.sqrt,
  abs: Math.abs,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  log2: Math.log2,
};
const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
const TOKEN = /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-z]\w*)|(.))/giy;

interface Token {
  readonly kind: "number" | "name" | "sign";
  readonly text: string;
}

/** The value of an expression such as "512*1.5" or "sqrt(2)/2", or undefined where it is none. */
export function evaluate(text: string): number | undefined {
  const parser = new Parser(tokens(text.replaceAll(",", ".").replaceAll("**", "^")));
  const value = parser.sum();
  return value === undefined || !parser.atEnd || !Number.isFinite(value) ? undefined : value;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.trim().matchAll(TOKEN)) {
    const [, number, name, sign] = match;
    if (number !== undefined) found.push({ kind: "number", text: number });
    else if (name !== undefined) found.push({ kind: "name", text: name.toLowerCase() });
    else if (sign !== undefined) found.push({ kind: "sign", text: sign });
  }
  return found;
}

/** Recursive descent; every rule answers undefined where the text does not follow it. */
class Parser {
  #at = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  get atEnd(): boolean {
    return this.#at === this.tokens.length;
  }

  sum(): number | undefined {
    let left = this.product();
    for (let sign = this.#take("+", "-"); sign; sign = this.#take("+", "-")) {
      const right = this.product();
      if (left === undefined || right === undefined) return undefined;
      left = sign === "+" ? left + right : left - right;
    }
    return left;
  }

  product(): number | undefined {
    let left = this.signed();
    for (let sign = this.#take("*", "/", "%"); sign; sign = this.#take("*", "/", "%")) {
      const right = this.signed();
      if (left === undefined || right === undefined) return undefined;
      left = sign === "*" ? left * right : sign === "/" ? left / right : left % right;
    }
    return left;
  }

  signed(): number | undefined {
    const sign = this.#take("-", "+");
    if (!sign) return this.power();
    const value = this.signed();
    return value === undefined ? undefined : sign === "-" ? -value : value;
  }

  power(): number | undefined {
    const base = this.single();
    if (!this.#take("^")) return base;
    const exponent = this.signed();
    return base === undefined || exponent === undefined ? undefined : base ** exponent;
  }

  single(): number | undefined {
    if (this.#take("(")) {
      const inner = this.sum();
      return this.#take(")") ? inner : undefined;
    }
    const token = this.tokens[this.#at];
    if (!token || token.kind === "sign") return undefined;
    this.#at++;
    if (token.kind === "number") return Number(token.text);
    const call = Object.hasOwn(FUNCTIONS, token.text) ? FUNCTIONS[token.text] : undefined;
    if (!call) return Object.hasOwn(CONSTANTS, token.text) ? CONSTANTS[token.text] : undefined;
    if (!this.#take("(")) return undefined;
    const inner = this.sum();
    return this.#take(")") && inner !== undefined ? call(inner) : undefined;
  }

  #take(...signs: string[]): string | undefined {
    const token = this.tokens[this.#at];
    if (!token || token.kind !== "sign" || !signs.includes(token.text)) return undefined;
    this.#at++;
    return token.text;
  }
}
