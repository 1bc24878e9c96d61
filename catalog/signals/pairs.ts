import type { SpokenCategory } from "../schema.ts";

export type PairRow = {
  id: string;
  category: SpokenCategory;
  /** The verb in the place of the verb; `worse` stands for every verb that is not Read. */
  verbs: string;
  /** Words of the name, or near the verb in the first sentence. */
  objects: string;
  /** Where objects may stand. */
  within: "name" | "name or sentence";
  /** None of these may stand beside it. */
  except?: string;
  /** Takes the place of the verb's own category, which is too wide for this object. */
  instead?: true;
};

export const pairRows: readonly PairRow[] = [
  {
    id: "pair.money",
    category: "Financial",
    verbs:
      "create update cancel send accept contest place submit process capture confirm approve void issue execute make initiate finalize finalise authorize authorise pause resume add schedule retry start generate renew change apply settle post release complete transfer run record upgrade downgrade",
    objects:
      "payment payments payroll mandate refund refunds invoice invoices payout payouts charge charges subscription subscriptions dispute",
    within: "name or sentence",
    except:
      "notification notifications webhook webhooks event events topic topics email emails newsletter newsletters push alert alerts calendar mailing feed channel channels resource message messages reminder reminders product products note notes comment comments template templates tracking timesheet employee evidence method link_id azure graph pubsub customer contact tag tags",
  },
  {
    id: "pair.order",
    category: "Financial",
    verbs: "create place submit cancel amend capture confirm accept make execute replace authorize modify close open",
    objects: "order orders checkout purchase position positions trade trades bid bet wager",
    within: "name",
    except: "sort column field reorder product products note fulfillment fulfilment fulfil fulfill",
  },
  {
    id: "pair.transfer",
    category: "Financial",
    verbs: "transfer send move bridge wire borrow lend repay claim redeem approve mint burn",
    objects:
      "funds fund money usd usdc usdt eth sol btc bnb xrp crypto coin coins nft nfts wallet amount bank ach sepa iban lightning sats native erc spl bep allowance spender wire remittance payout salary gas",
    within: "name or sentence",
    except: "info",
  },
  {
    id: "pair.transfer.token",
    category: "Financial",
    verbs: "transfer bridge borrow lend claim redeem mint burn",
    objects: "token tokens balance asset assets liquidity reward rewards collateral",
    within: "name or sentence",
  },
  {
    id: "pair.transaction",
    category: "Financial",
    verbs: "send submit broadcast sign",
    objects: "transaction transactions tx txn rawtransaction userop",
    within: "name",
  },
  {
    id: "pair.disk",
    category: "Destructive",
    verbs: "format initialize initialise",
    objects: "disk drive partition volume filesystem",
    within: "name or sentence",
  },
  {
    id: "pair.open",
    category: "Execute",
    verbs: "open load",
    objects: "url urls page webpage website site app apps application applications simulator deeplink",
    within: "name",
    except: "pull issue ticket create list",
  },
  {
    id: "pair.transfer.bank",
    category: "Financial",
    verbs: "create initiate make schedule execute confirm wire",
    objects: "transfer transfers remittance",
    within: "name",
    except: "file files data ownership repo repository domain call job jobs task state style encoding",
  },
  {
    id: "pair.liquidity",
    category: "Financial",
    verbs: "add remove",
    objects: "liquidity collateral margin",
    within: "name",
  },
  {
    id: "pair.checkout",
    category: "Financial",
    verbs: "checkout buy purchase submit place",
    objects: "cart basket",
    within: "name",
  },
  {
    id: "pair.book",
    category: "Financial",
    verbs: "book reserve order",
    objects: "flight flights hotel hotels ride taxi food pizza meal meals groceries",
    within: "name",
  },
  {
    id: "pair.escrow",
    category: "Financial",
    verbs: "release wrap unwrap delegate",
    objects: "escrow stake eth sol",
    within: "name",
  },
  {
    id: "pair.leverage",
    category: "Financial",
    verbs: "set change adjust update increase",
    objects: "leverage",
    within: "name",
  },
  {
    id: "pair.renew",
    category: "Financial",
    verbs: "register renew",
    objects: "domain domains",
    within: "name",
    except: "sending mail email verification dns",
  },
  {
    id: "pair.plan",
    category: "Financial",
    verbs: "subscribe upgrade",
    objects: "plan premium",
    within: "name",
    except: "task tasks",
  },
  {
    id: "pair.paid",
    category: "Financial",
    verbs: "mark",
    objects: "paid",
    within: "name",
  },
  {
    id: "pair.push",
    category: "Destructive",
    verbs: "push",
    objects: "force",
    within: "name",
  },
  {
    id: "pair.test",
    category: "Read",
    verbs: "test",
    objects: "connection connectivity credentials auth access availability",
    within: "name",
    instead: true,
  },
  {
    id: "pair.machine",
    category: "Execute",
    verbs: "create clone resize attach detach restore add move change expand reset convert",
    objects: "vm vms ami amis ec2 droplet droplets hypervisor virtualmachine",
    within: "name or sentence",
    except: "network networks tag tags note notes firewall rule rules database",
  },
  {
    id: "pair.snapshot",
    category: "Write",
    verbs: "snapshot backup",
    objects: "vm droplet volume disk instance database server cluster table bucket",
    within: "name or sentence",
  },
  {
    id: "pair.screen",
    category: "Execute",
    verbs: "open close new select switch handle upload set resize change create",
    objects:
      "browser tab tabs dialog window mouse keyboard cursor puppeteer playwright chrome viewport simulator emulator",
    within: "name",
    except: "list spreadsheet sheet profile stack",
  },
  {
    id: "pair.keys",
    category: "Execute",
    verbs: "send write put",
    objects: "keys key keystrokes input stdin signal command commands shell terminal pane prompt",
    within: "name",
    except: "vault ssh api",
  },
  {
    id: "pair.job",
    category: "Execute",
    verbs: "cancel abort schedule submit",
    objects: "run runs job jobs pipeline pipelines workflow build builds execution executions deployment",
    within: "name",
  },
  {
    id: "pair.sql",
    category: "Execute",
    verbs: "query select",
    objects: "sql database db d1 postgres postgresql mysql mssql sqlite duckdb bigquery snowflake redshift athena raw",
    within: "name",
  },
  {
    id: "pair.produce",
    category: "Read",
    verbs: "generate",
    objects:
      "types type code list overview report reports summary test tests outline docs documentation guidance example examples template templates prompt prompts qr preview description hash uuid guid diff sql query schema stats recommendations plan suggestion suggestions insights snippet snippets lorem wordcloud",
    within: "name or sentence",
    except:
      "image images video videos audio voice voices music song speech photo avatar key keys token tokens password save saves saved store stores write writes file files upload uploads",
    instead: true,
  },
  {
    id: "pair.measure",
    category: "Read",
    verbs: "convert transform",
    objects:
      "time timezone currency currencies unit units temperature date dates timestamp coordinates epoch color number base",
    within: "name",
    instead: true,
  },
  {
    id: "pair.identify",
    category: "Read",
    verbs: "resolve",
    objects:
      "id ids library dns name names path url link slug handle alias username user channel location place reference references ref refs address hostname host ip ens domain symbol entity redirect option options variable variables",
    within: "name or sentence",
    except: "issue ticket thread comment alert incident conflict conversation discussion case dispute",
    instead: true,
  },
  {
    id: "pair.look",
    category: "Read",
    verbs: "open",
    objects: "node nodes",
    within: "name",
    instead: true,
  },
  {
    id: "pair.relate",
    category: "Write",
    verbs: "connect disconnect",
    objects:
      "relation relations relationship relationships entity entities record records entry entries node nodes shape shapes issue issues",
    within: "name",
    instead: true,
  },
  {
    id: "pair.tidy",
    category: "Write",
    verbs: "clean",
    objects:
      "text html string markdown code csv transcript address column columns dataset audio image format formatting",
    within: "name or sentence",
    instead: true,
  },
];
