import type { RiskCategory } from "./schema.ts";

/**
 * What speaks for a category. This table is the classifier's whole knowledge; classify.ts only decides which words of a
 * definition stand where a verb stands. README.md says how the rows are weighed against each other.
 */

type StateChange = Exclude<RiskCategory, "Other">;

export type VerbRow = {
  id: string;
  category: StateChange;
  /** Base forms, separated by blanks. */
  words: string;
  /** Just as often a noun (`order`, `test`): counts only where nothing better stands in the place of the verb. */
  noun?: true;
};

const verbRows: readonly VerbRow[] = [
  {
    id: "verb.pay",
    category: "Financial",
    words:
      "pay repay prepay buy sell withdraw payout donate reimburse remit overdraw liquidate unstake settle borrow lend",
  },
  {
    id: "verb.trade",
    category: "Financial",
    words: "charge swap deposit trade bid stake wager bet tip topup disburse invest refund purchase wire bridge",
    noun: true,
  },
  {
    id: "verb.delete",
    category: "Destructive",
    words:
      "delete destroy erase wipe purge remove drop terminate kill uninstall nuke shred expunge truncate deprovision decommission unlink prune evict discard obliterate rm rmdir del eradicate overwrite sigkill teardown clear reset flush revoke forget unregister deregister scrub void burn",
  },
  { id: "verb.empty", category: "Destructive", words: "empty trash tear", noun: true },
  {
    id: "verb.run",
    category: "Execute",
    words:
      "run execute exec eval evaluate invoke trigger launch start stop restart reboot spawn rerun relaunch shutdown halt perform retry replay compile install reinstall deploy redeploy rollback provision bootstrap boot resume pause suspend unpause hibernate wake migrate failover rebuild recreate reload connect disconnect reconnect dispatch orchestrate automate emulate inject undeploy distribute initiate interact operate simulate",
  },
  {
    id: "verb.interact",
    category: "Execute",
    words: "click doubleclick rightclick dblclick tap swipe hover keypress fill drag scroll navigate goto unhover",
  },
  { id: "verb.shell", category: "Execute", words: "shell bash powershell repl zsh subprocess" },
  {
    id: "verb.run.noun",
    category: "Execute",
    words:
      "press type test call phone dial ssh build play switch process power benchmark command exploit attack fuzz focus crash terminal script control act automation agent mouse keyboard handle select",
    noun: true,
  },
  {
    id: "verb.write",
    category: "Write",
    words:
      "create update add set edit modify write insert upsert append save store put patch send reply publish unpublish upload move rename copy clone duplicate sync synchronize merge rebase push assign unassign reassign enable disable activate deactivate archive unarchive restore close reopen lock unlock pin unpin unstar mark unmark register subscribe unsubscribe resubscribe invite uninvite reject accept decline dismiss cancel abort attach detach associate disassociate change configure reconfigure manage rotate reschedule submit toggle replace increment decrement apply unfollow join leave notify untag initialize initialise init setup complete finish resolve unresolve mute unmute ban unban deny promote demote undo redo revert mkdir touch remember memorize ingest enqueue dequeue refresh fix autofix allocate reserve place make speak say draw redirect login logout signin signout authorize authenticate authorise unlike respond acknowledge ack snooze escalate approve confirm delegate regenerate generate convert transform compress combine crop upscale render customize customise expand shrink extend adjust moderate unblock quarantine mint define cache transition enroll unenroll fork star import reorder populate seed bind unbind commit advance finalize finalise sanitize anonymize redact stage unstage split concatenate overlay animate compose upgrade downgrade repair unset recycle resize rearrange renew claim redeem",
  },
  {
    id: "verb.write.noun",
    category: "Write",
    words:
      "post forward open pull link tag label comment request record log track like follow vote react share grant report block schedule draft stash index queue email message checkout tweet release book order issue format sign branch note new answer annotate nudge flag hold transfer alert watchlist bookmark favorite backup load end",
    noun: true,
  },
  {
    id: "verb.read",
    category: "Read",
    words:
      "get list search find fetch read show view describe count check validate verify inspect retrieve lookup analyze analyse browse explain summarize summarise compare whoami detect identify estimate calculate parse decode lint introspect discover explore extract scrape crawl recommend suggest diagnose examine poll wait decompile disassemble return locate determine predict classify measure visualize translate obtain see display collect gather aggregate enumerate assess observe ls grep glob peek investigate exists tail screenshot download tell provide learn introduce understand sleep think recall infer ascertain recognize tokenize correlate cite troubleshoot interpret",
  },
  {
    id: "verb.read.noun",
    category: "Read",
    words:
      "query map preview watch trace profile audit review scan snapshot export sample filter rank score diff help outline print look cat head stat ping compute monitor match debug geocode forecast autocomplete ask echo capture",
    noun: true,
  },
];

/**
 * A noun that ends a name without any verb (`server_status`). Alone it is enough for Read only because such a name asks for
 * nothing to be done; any verb elsewhere outweighs it.
 */
const readNouns =
  "status info information details detail stats statistics logs history schema docs documentation version versions health metrics insights findings languages tables indexes guide about me summary usage capabilities errors messages requests results overview types entries methods functions classes availability balance balances price prices quote quotes weather forecast time timezone news leaderboard rates context examples tree";

export type PairRow = {
  id: string;
  category: StateChange;
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

const pairRows: readonly PairRow[] = [
  {
    id: "pair.money",
    category: "Financial",
    verbs:
      "create update cancel send accept place submit process capture confirm approve void issue execute make initiate finalize finalise authorize authorise pause resume add schedule retry start generate renew change apply settle post release complete transfer",
    objects:
      "payment payments refund refunds invoice invoices payout payouts charge charges subscription subscriptions dispute",
    within: "name or sentence",
    except:
      "notification notifications webhook webhooks event events topic topics email emails newsletter newsletters push alert alerts calendar mailing feed channel channels resource message messages reminder reminders product products note notes comment comments template templates tracking evidence method link_id azure graph pubsub customer contact tag tags",
  },
  {
    id: "pair.order",
    category: "Financial",
    verbs: "create place submit cancel capture confirm accept make execute replace authorize modify close open",
    objects: "order orders checkout purchase position positions",
    within: "name",
    except: "sort column field reorder product products note fulfillment fulfilment fulfil fulfill",
  },
  {
    id: "pair.transfer",
    category: "Financial",
    verbs: "transfer send move bridge wire borrow lend repay claim redeem approve mint burn",
    objects:
      "funds fund money usd usdc eth sol btc xrp crypto coin coins nft nfts wallet amount bank ach sepa iban lightning sats native erc20 spl allowance",
    within: "name or sentence",
    except: "info",
  },
  {
    id: "pair.transfer.token",
    category: "Financial",
    verbs: "transfer bridge borrow lend claim redeem mint burn",
    objects: "token tokens balance asset assets",
    within: "name or sentence",
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
      "types type code report reports summary test tests outline docs documentation guidance example examples template templates prompt prompts qr preview description hash uuid guid diff sql query schema stats recommendations plan suggestion suggestions insights snippet snippets lorem wordcloud",
    within: "name or sentence",
    except: "save saves saved store stores write writes file files upload uploads",
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
    objects: "id ids library dns name names path url address hostname ens domain symbol entity redirect",
    within: "name",
    instead: true,
  },
];

export type PhraseRow = { id: string; category: StateChange; pattern: RegExp };

/** Phrases that tell of a loss wherever they stand. Each pattern is linear: no nested repetition. */
const phraseRows: readonly PhraseRow[] = [
  {
    id: "phrase.loss",
    category: "Destructive",
    pattern:
      /\b(?:can(?:not|'t| not) be (?:undone|reversed|recovered)|irreversibl[ey]|permanently (?:delet|remov|eras|destroy|los)\w*|permanent (?:deletion|destruction|removal)|data (?:will be|is) lost|will be (?:permanently )?(?:lost|deleted|erased|destroyed|wiped))\b/i,
  },
];

/** A tool that says so itself is not believed; what it says is shown when something else speaks against it. */
export const harmlessClaim =
  /\b(?:read[- ]?only|only reads?|does(?: not|n't) (?:modify|change|delete|write|alter)|never (?:modifies|changes|deletes|writes)|no side[- ]effects?|(?:completely|totally|perfectly|entirely|always) safe|safe to (?:call|use|run)|harmless)\b/i;

export type ArgumentRow = {
  id: string;
  category: StateChange;
  names: string;
  /** Counts when it is a boolean, and the tool does more than read. */
  flag?: true;
  /** Counts beside one of these verbs only. */
  verbs?: string;
  /** Often just data: counts only when nothing says that it is read or written. */
  oftenData?: true;
};

/** An argument of one of these names decides what the tool does. */
const argumentRows: readonly ArgumentRow[] = [
  { id: "argument.command", category: "Execute", names: "command cmd shell shellCommand commandLine bash powershell" },
  { id: "argument.sql", category: "Execute", names: "sql rawSql sqlQuery sqlStatement" },
  {
    id: "argument.code",
    category: "Execute",
    names: "code script javascript expression python js function pageFunction",
    oftenData: true,
  },
  { id: "argument.cascade", category: "Destructive", names: "cascade forcePush hardReset", flag: true },
  {
    id: "argument.target",
    category: "Write",
    names:
      "outputDir outputDirectory outputPath outputFile savePath saveDir saveTo localPath destination destinationPath downloadPath targetPath",
    verbs: "download export convert",
  },
  { id: "argument.force", category: "Execute", names: "force", flag: true },
];

/** Arguments whose listed values say what the tool can do. */
const selectorNames = "action operation op mode method command verb crud subcommand";

/** Verbs that look at code or SQL without running it. */
const examiningVerbs =
  "validate lint format parse check analyze analyse explain translate convert decode diff review scan detect";

export type ForeignRow = { id: string; category: StateChange; words: string; characters: string };

/**
 * The commonest verbs of other languages: matched as whole words where the script has words, and anywhere in the text where
 * it has none. Accents are stripped before comparing.
 */
const foreignRows: readonly ForeignRow[] = [
  {
    id: "foreign.pay",
    category: "Financial",
    words:
      "pagar paga comprar compra vender reembolsar transferir payer acheter vendre rembourser bezahlen zahlen kaufen verkaufen uberweisen erstatten pagare comprare comprar betalen kopen оплатить купить продать перевести возместить zaplac kup odeme",
    characters: "支付 付款 转账 轉帳 退款 购买 購買 汇款 充值 提现 送金 返金 決済 支払 결제 송금 환불 구매",
  },
  {
    id: "foreign.delete",
    category: "Destructive",
    words:
      "eliminar elimina borrar borra suprimir vaciar supprimer supprime effacer efface detruire loschen losche loscht entfernen entferne zerstoren excluir exclui apagar apaga deletar cancellare cancella eliminare verwijderen verwijder удалить удаляет удалять очистить стереть usunac usun skasuj sil silme",
    characters: "删除 刪除 移除 清空 清除 销毁 銷毀 卸载 终止 削除 消去 破棄 삭제 제거 초기화",
  },
  {
    id: "foreign.run",
    category: "Execute",
    words:
      "ejecutar ejecuta iniciar inicia detener reiniciar executer lancer demarrer arreter ausfuhren ausfuhrt starten startet stoppen stoppt executar executa parar eseguire esegui avviare fermare uitvoeren выполнить запустить остановить перезапустить uruchom zatrzymaj calistir",
    characters: "执行 執行 运行 運行 启动 停止 重启 点击 部署 调用 安装 実行 起動 停止 再起動 실행 시작 중지 재시작",
  },
  {
    id: "foreign.write",
    category: "Write",
    words:
      "crear crea actualizar actualiza agregar anadir guardar enviar envia modificar cambiar subir creer cree ajouter ajoute modifier modifie envoyer envoie enregistrer mettre erstellen erstelle erstellt anlegen aktualisieren hinzufugen senden sendet speichern andern hochladen criar cria atualizar adicionar salvar inviare creare aggiornare aggiungere maken toevoegen bijwerken versturen создать создает обновить добавить отправить изменить сохранить utworz dodaj zaktualizuj wyslij olustur guncelle gonder ekle",
    characters:
      "创建 新建 建立 更新 修改 添加 新增 上传 发送 發送 保存 写入 寫入 设置 設定 编辑 发布 转换 生成 归一化 移动 重命名 作成 更新 追加 送信 変更 編集 생성 수정 추가 전송 업데이트 저장 변경 업로드",
  },
  {
    id: "foreign.read",
    category: "Read",
    words:
      "obtener obtiene listar lista buscar busca consultar consulta leer mostrar obtenir obtient lister rechercher recherche chercher lire afficher abrufen suchen sucht lesen anzeigen auflisten zeigt zeigen ermitteln obter ler exibir ottenere cercare leggere elencare ophalen zoeken lezen получить найти показать прочитать список искать поиск pobierz szukaj pokaz getir ara listele",
    characters:
      "查询 查詢 获取 獲取 取得 搜索 搜尋 列出 查看 读取 讀取 检索 查找 检测 取得 検索 一覧 表示 조회 검색 목록 가져오기 확인",
  },
];

export type SignalTable = {
  verbs: readonly VerbRow[];
  pairs: readonly PairRow[];
  phrases: readonly PhraseRow[];
  arguments: readonly ArgumentRow[];
  foreign: readonly ForeignRow[];
  readNouns: string;
  selectorNames: string;
  examiningVerbs: string;
};

export const signalTable: SignalTable = {
  verbs: verbRows,
  pairs: pairRows,
  phrases: phraseRows,
  arguments: argumentRows,
  foreign: foreignRows,
  readNouns,
  selectorNames,
  examiningVerbs,
};
