import type { SpokenCategory } from "../schema.ts";

export type ForeignRow = { id: string; category: SpokenCategory; words: string; characters: string };

/**
 * The commonest verbs of other languages: matched as whole words where the script has words, and anywhere in the text where
 * it has none. Accents are stripped before comparing.
 */
export const foreignRows: readonly ForeignRow[] = [
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
