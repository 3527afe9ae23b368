/** Arithmetic that a person may type into a number field: + - * / % ^, brackets, pi, and a few functions. */

/** What the signs of an expression mean for a kind of number. Undefined where there is no answer. */
interface Arithmetic<N> {
  number(text: string): N | undefined;
  constant(name: string): N | undefined;
  call(name: string, value: N): N | undefined;
  apply(sign: string, left: N, right: N): N | undefined;
  negated(value: N): N;
}

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
/** Larger powers are beyond every setting, and take long. */
const MOST_POWER = 128n;

const FLOATS: Arithmetic<number> = {
  number: Number,
  constant: (name) => (Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined),
  call: (name, value) => (Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]?.(value) : undefined),
  negated: (value) => -value,
  apply(sign, left, right) {
    if (sign === "+") return left + right;
    if (sign === "-") return left - right;
    if (sign === "*") return left * right;
    if (sign === "/") return left / right;
    return sign === "%" ? left % right : left ** right;
  },
};

/** Whole numbers of any length; what leaves them (1/3, sqrt, 0.5) has no answer here. */
const WHOLES: Arithmetic<bigint> = {
  number: (text) => (/^\d+$/.test(text) ? BigInt(text) : undefined),
  constant: () => undefined,
  call: () => undefined,
  negated: (value) => -value,
  apply(sign, left, right) {
    if (sign === "+") return left + right;
    if (sign === "-") return left - right;
    if (sign === "*") return left * right;
    if (sign === "^") return right >= 0n && right <= MOST_POWER ? left ** right : undefined;
    if (right === 0n) return undefined;
    if (sign === "%") return left % right;
    return left % right === 0n ? left / right : undefined;
  },
};

interface Token {
  readonly kind: "number" | "name" | "sign";
  readonly text: string;
}

/** The value of an expression such as "512*1.5" or "sqrt(2)/2", or undefined where it is none. */
export function evaluate(text: string): number | undefined {
  const value = worked(text, FLOATS);
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

/** The value of an expression of whole numbers, with every digit; undefined where it is none, or not whole on the way. */
export function evaluateWhole(text: string): bigint | undefined {
  return worked(text, WHOLES);
}

function worked<N>(text: string, arithmetic: Arithmetic<N>): N | undefined {
  const plain = text.replaceAll(",", ".").replaceAll("**", "^").replaceAll("×", "*").replaceAll("÷", "/").replaceAll("−", "-");
  const parser = new Parser(tokens(plain), arithmetic);
  const value = parser.sum();
  return parser.atEnd ? value : undefined;
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
class Parser<N> {
  #at = 0;
  #depth = 0;
  constructor(
    private readonly tokens: readonly Token[],
    private readonly arithmetic: Arithmetic<N>,
  ) {}

  get atEnd(): boolean {
    return this.#at === this.tokens.length;
  }

  sum(): N | undefined {
    return this.#row(["+", "-"], () => this.#row(["*", "/", "%"], () => this.#signed()));
  }

  /** Operands of the same rank, worked out from left to right. */
  #row(signs: readonly string[], operand: () => N | undefined): N | undefined {
    let left = operand();
    for (let sign = this.#take(...signs); sign; sign = this.#take(...signs)) {
      const right = operand();
      if (left === undefined || right === undefined) return undefined;
      left = this.arithmetic.apply(sign, left, right);
    }
    return left;
  }

  #signed(): N | undefined {
    const sign = this.#take("-", "+");
    if (!sign) return this.#power();
    const value = this.#deeper(() => this.#signed());
    return value === undefined || sign === "+" ? value : this.arithmetic.negated(value);
  }

  #power(): N | undefined {
    const base = this.#single();
    if (!this.#take("^")) return base;
    const exponent = this.#deeper(() => this.#signed());
    return base === undefined || exponent === undefined ? undefined : this.arithmetic.apply("^", base, exponent);
  }

  #single(): N | undefined {
    if (this.#take("(")) return this.#closed();
    const token = this.tokens[this.#at];
    if (!token || token.kind === "sign") return undefined;
    this.#at++;
    if (token.kind === "number") return this.arithmetic.number(token.text);
    if (!this.#take("(")) return this.arithmetic.constant(token.text);
    const inner = this.#closed();
    return inner === undefined ? undefined : this.arithmetic.call(token.text, inner);
  }

  #closed(): N | undefined {
    const inner = this.#deeper(() => this.sum());
    return this.#take(")") ? inner : undefined;
  }

  /** A pasted text of ten thousand brackets is no number. */
  #deeper(rule: () => N | undefined): N | undefined {
    this.#depth += 1;
    const value = this.#depth > 100 ? undefined : rule();
    this.#depth -= 1;
    return value;
  }

  #take(...signs: string[]): string | undefined {
    const token = this.tokens[this.#at];
    if (!token || token.kind !== "sign" || !signs.includes(token.text)) return undefined;
    this.#at++;
    return token.text;
  }
}
