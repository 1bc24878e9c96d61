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
      "pagar paga comprar compra vender reembolsar payer acheter vendre rembourser bezahlen zahlen kaufen verkaufen uberweisen erstatten pagare comprare comprar betalen kopen оплатить купить продать перевести возместить zaplac kup odeme reembolsa transfiere transfere compre achete paie payez kauft bezahlt zahlt ueberweisen rimborsare trasferire betaal koop заплатить оплачивает plati zaplatit bayar beli betala betale сплатити دفع שלם",
    characters:
      "支付 付款 转账 轉帳 退款 购买 購買 汇款 充值 提现 送金 返金 決済 支払 결제 송금 환불 구매 购入 下单 打赏 结算 扣款 購入 振込 課金 이체 출금 โอนเงิน ชำระ",
  },
  {
    id: "foreign.delete",
    category: "Destructive",
    words:
      "eliminar elimina borrar borra suprimir vaciar supprimer supprime effacer efface detruire loschen losche loscht entfernen entferne zerstoren excluir exclui apagar apaga deletar cancellare cancella eliminare verwijderen verwijder удалить удаляет удалять очистить стереть usunac usun skasuj sil silme elimine borre suprime vacia limpiar limpia desinstalar destruir destruye supprimez effacez vider desinstaller loeschen loescht entfernt leeren verwirft exclua remover limpar limpa rimuovere rimuove svuotare leegmaken удалите очищает стирает usuwa usunie skasowac temizle kaldir hapus menghapus radera slet slette slett poista smazat odstranit torol torles sterge видалити видаляє διαγραφη حذف מחק हटाएं xoa",
    characters:
      "删除 刪除 移除 清空 清除 销毁 銷毀 卸载 终止 削除 消去 破棄 삭제 제거 초기화 清理 抹除 注销 解散 作废 重置 格式化 撤回 クリア リセット 初期化 抹消 除去 アンインストール 비우기 지우기 폐기 ลบ",
  },
  {
    id: "foreign.run",
    category: "Execute",
    words:
      "ejecutar ejecuta iniciar inicia detener reiniciar executer lancer demarrer arreter ausfuhren ausfuhrt starten startet stoppen stoppt executar executa eseguire esegui avviare fermare uitvoeren выполнить запустить остановить перезапустить uruchom zatrzymaj calistir ejecute arrancar arranca detiene reinicia despliega desplegar instalar instala pulsar executez lancez demarre arrete redemarre redemarrer deployer fuhrt ausfuhrung neustarten installieren klicken implantar instale avvia ferma riavvia выполняет запускает останавливает установить uruchamia zatrzymuje zainstaluj baslat durdur jalankan hentikan starta spust spustit futtat ruleaza запустити виконати تشغيل",
    characters:
      "执行 執行 运行 運行 启动 停止 重启 点击 部署 调用 安装 実行 起動 再起動 실행 시작 중지 재시작 触发 关闭 开启 打开 输入 导航 编译 构建 回滚 重试 開始 終了 デプロイ インストール クリック トリガー ビルド 종료 배포 설치 클릭 호출 입력",
  },
  {
    id: "foreign.write",
    category: "Write",
    words:
      "crear crea actualizar actualiza agregar anadir guardar enviar envia modificar cambiar subir creer cree ajouter ajoute modifier modifie envoyer envoie enregistrer mettre erstellen erstelle erstellt anlegen aktualisieren hinzufugen senden sendet speichern andern hochladen criar cria atualizar adicionar salvar inviare creare aggiornare aggiungere maken toevoegen bijwerken versturen создать создает обновить добавить отправить изменить сохранить utworz dodaj zaktualizuj wyslij olustur guncelle gonder ekle crean actualice anada agrega guarda modifica cambia sube publica publicar asigna asignar mueve mover copia renombra renombrar creez mettez ajoutez envoyez enregistre deplacer deplace copier publier publie attribuer erzeugt erzeugen aktualisiert aktualisiere fugt speichert andert verschieben verschiebt kopieren umbenennen veroffentlichen crie atualiza adiciona salva editar altera alterar mova aggiorna aggiunge invia sposta voeg stuur bewerk wijzig создаёт обновляет добавляет отправляет изменяет сохраняет переместить переименовать tworzy dodaje aktualizuje zmien wysyla zapisz olusturur gunceller gonderir kaydet buat membuat perbarui kirim ubah simpan tambah skapa uppdatera skicka opret opdater luo paivita vytvorit aktualizovat poslat letrehoz frissit creeaza actualizeaza створити оновити додати надіслати إنشاء تحديث إرسال إضافة צור עדכן बनाएं",
    characters:
      "创建 新建 建立 更新 修改 添加 新增 上传 发送 發送 保存 写入 寫入 设置 設定 编辑 发布 转换 生成 归一化 移动 重命名 作成 追加 送信 変更 編集 생성 수정 추가 전송 업데이트 저장 변경 업로드 提交 合并 导入 克隆 复制 分配 指派 评论 回复 标记 启用 禁用 绑定 解绑 取消 拒绝 批准 审批 发起 订阅 邀请 上架 下架 归档 同步 转让 点赞 收藏 关注 转发 签到 登录 登録 投稿 アップロード コピー 移動 返信 割り当て 招待 承認 却下 公開 有効化 無効化 同期 切り替え インポート キャンセル 予約 등록 복사 이동 발송 작성 게시 초대 승인 거절 활성화 비활성화 동기화 예약 취소 설정 할당 สร้าง แก้ไข ส่ง เพิ่ม อัปเดต",
  },
  {
    id: "foreign.read",
    category: "Read",
    words:
      "obtener obtiene listar lista buscar busca consultar consulta leer mostrar obtenir obtient lister rechercher recherche chercher lire afficher abrufen suchen sucht lesen anzeigen auflisten zeigt zeigen ermitteln obter ler exibir ottenere cercare leggere elencare ophalen zoeken lezen получить найти показать прочитать список искать поиск pobierz szukaj pokaz getir ara listele obtenga muestra lee listado devuelve verifica verificar comprueba calcular analiza analizar descargar affiche recupere recuperer renvoie verifie verifier analyser telecharger ruft listet pruft prufen berechnet berechnen analysiert herunterladen obtem retorna mostra pesquisa pesquisar baixar calcula elenca restituisce ottiene haal lijst получает возвращает показывает ищет находит проверить проверяет pobiera zwraca wyswietla sprawdz wyszukaj arar gosterir kontrol cari ambil lihat daftar tampilkan periksa hamta hent sog hae nayta ziskat zobrazit hledat lekerdez keres obtine cauta отримати показати знайти بحث عرض جلب חפש הצג खोजें दिखाएं",
    characters:
      "查询 查詢 获取 獲取 取得 搜索 搜尋 列出 查看 读取 讀取 检索 查找 检测 検索 一覧 表示 조회 검색 목록 가져오기 확인 返回 显示 统计 分析 计算 比较 预览 下载 导出 解析 验证 校验 检查 识别 翻译 总结 推荐 浏览 抓取 確認 参照 計算 比較 ダウンロード プレビュー 翻訳 要約 検証 抽出 照会 閲覧 분석 비교 추출 검증 요약 번역 계산 다운로드 미리보기 찾기 보기 읽기 ค้นหา แสดง ดู",
  },
];
