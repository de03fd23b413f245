-- A database of schema version 3: an experiment under way by two people after a warm start, with an
-- undo, a pass, a relabel, a retraction, a mark and a floor that was raised. Made by the release that
-- had this schema.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE events (
	experiment_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	position INTEGER, 
	label SMALLINT, 
	target INTEGER, 
	first INTEGER NOT NULL, 
	stop INTEGER NOT NULL, 
	strategy_state FLOAT, 
	annotator TEXT NOT NULL, 
	source TEXT NOT NULL, 
	"key" TEXT, 
	milliseconds INTEGER, 
	at BIGINT NOT NULL, 
	retracted_at BIGINT, 
	voided INTEGER NOT NULL, 
	strategy_memory TEXT, 
	payload TEXT, 
	PRIMARY KEY (experiment_id, seq), 
	UNIQUE (experiment_id, "key"), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (id)
)
 WITHOUT ROWID

;
INSERT INTO "events" VALUES(1,1,'scan',NULL,NULL,NULL,0,1,1.19361228866810975546e+00,'','person',NULL,NULL,1790000002000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,2,'label',0,0,NULL,1,2,1.27009998980501448428e+00,'','warm-start',NULL,NULL,1790000003000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,3,'label',1,0,NULL,2,3,1.3589606147296626748e+00,'','warm-start',NULL,NULL,1790000004000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,4,'label',2,1,NULL,3,4,1.45348821424449403671e+00,'','warm-start',NULL,NULL,1790000005000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,5,'label',3,1,NULL,4,5,1.53342164224351207302e+00,'','warm-start',NULL,NULL,1790000006000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,6,'label',4,1,NULL,5,6,1.6237041306168702448e+00,'','warm-start',NULL,NULL,1790000007000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,7,'label',5,0,NULL,6,7,1.66364594749675642759e+00,'','warm-start',NULL,NULL,1790000008000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,8,'label',6,0,NULL,7,8,1.75826797646047383594e+00,'','warm-start',NULL,NULL,1790000009000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,9,'label',7,0,NULL,8,9,1.79601096309831986808e+00,'','warm-start',NULL,NULL,1790000010000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,10,'label',8,0,NULL,9,10,1.88859296576773738607e+00,'lea','person','lea-8-1790000011000',1200,1790000012000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,11,'label',9,1,NULL,10,11,1.94069346831601952096e+00,'lea','person','lea-9-1790000013000',1200,1790000014000,1790000024000,0,NULL,NULL);
INSERT INTO "events" VALUES(1,12,'label',10,1,NULL,11,12,1.99392363863431931747e+00,'max','person','max-10-1790000015000',1200,1790000016000,1790000023000,0,NULL,NULL);
INSERT INTO "events" VALUES(1,13,'label',11,1,NULL,12,13,2.04202160660634524091e+00,'max','person','max-11-1790000017000',1200,1790000018000,1790000019000,14,NULL,NULL);
INSERT INTO "events" VALUES(1,14,'undo',11,NULL,13,13,12,1.99392363863431931747e+00,'max','person','undo-1-x',NULL,1790000019000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,15,'label',11,1,NULL,12,13,2.04202160660634524091e+00,'max','person','max-11-1790000020000',1200,1790000021000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,16,'pass',12,NULL,NULL,13,15,2.05552988027838079432e+00,'lea','person','pass-1-x',NULL,1790000022000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,17,'relabel',10,1,12,15,15,2.05552988027838079432e+00,'lea','person','relabel-1',NULL,1790000023000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,18,'retract',9,NULL,11,15,15,2.05552988027838079432e+00,'lea','person','retract-1',NULL,1790000024000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,19,'change',NULL,NULL,0,15,15,2.05552988027838079432e+00,'lea','person','change-1x',NULL,1790000025000,NULL,0,NULL,'{"before": {"spec": {"preset": "recommended", "pipeline": "shapes-adpredictor", "strategy": "budget-entropy", "discount_factor": 3.0, "budget": 0.05, "floor": 0.02, "seed": 7, "margin": 0.1, "columns": {}}, "classes": [{"name": "spam", "title": "Spam", "guideline": ""}, {"name": "ham", "title": "Ham", "guideline": ""}]}, "after": {"spec": {"preset": "recommended", "pipeline": "shapes-adpredictor", "strategy": "budget-entropy", "discount_factor": 3.0, "budget": 0.05, "floor": 0.04, "seed": 7, "margin": 0.1, "columns": {}}, "classes": [{"name": "spam", "title": "Spam", "guideline": ""}, {"name": "ham", "title": "Ham", "guideline": ""}]}}');
INSERT INTO "events" VALUES(1,20,'label',14,1,NULL,15,22,2.11459186011773114799e+00,'lea','person','lea-14-1790000026000',1200,1790000027000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,21,'label',21,0,NULL,22,24,2.14131502450241795187e+00,'lea','person','lea-21-1790000028000',1200,1790000029000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,22,'mark',12,NULL,NULL,24,24,2.14131502450241795187e+00,'lea','person','mark-1xx',NULL,1790000030000,NULL,0,NULL,'{"flag": true, "note": "odd"}');
CREATE TABLE experiments (
	id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	slug TEXT NOT NULL, 
	name TEXT NOT NULL, 
	stream_id INTEGER NOT NULL, 
	spec TEXT NOT NULL, 
	classes TEXT NOT NULL, 
	head INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	strategy_state FLOAT, 
	strategy_memory TEXT, 
	warm_start INTEGER NOT NULL, 
	warm_until INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	used_at BIGINT NOT NULL, 
	archived_at BIGINT, 
	archived_from TEXT, 
	note TEXT NOT NULL, 
	guidelines TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (uid), 
	UNIQUE (slug), 
	FOREIGN KEY(stream_id) REFERENCES streams (id)
);
INSERT INTO "experiments" VALUES(1,'01M8C7GCV3QY0S2PANP3EZFVC2','two-people','Two people',1,'{"preset": "recommended", "pipeline": "shapes-adpredictor", "strategy": "budget-entropy", "discount_factor": 3.0, "budget": 0.05, "floor": 0.04, "seed": 7, "margin": 0.1, "columns": {}}','[{"name": "spam", "title": "Spam", "guideline": ""}, {"name": "ham", "title": "Ham", "guideline": ""}]',22,24,2.14131502450241795187e+00,NULL,8,8,1790000001000,1790000001000,NULL,NULL,'','Prizes are spam.');
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	done INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	message TEXT NOT NULL, 
	cancel INTEGER NOT NULL, 
	pid INTEGER NOT NULL, 
	pid_started FLOAT NOT NULL, 
	started_at BIGINT NOT NULL, 
	heartbeat_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema','3');
CREATE TABLE predictions (
	experiment_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	voided INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	predicted SMALLINT, 
	probabilities BLOB NOT NULL, 
	entropy DOUBLE NOT NULL, 
	query_probability DOUBLE NOT NULL, 
	reason TEXT NOT NULL, 
	truth SMALLINT, 
	answered INTEGER, 
	answer TEXT, 
	label SMALLINT, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (experiment_id, position, voided), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (id)
)
 WITHOUT ROWID

;
INSERT INTO "predictions" VALUES(1,0,0,1,0,X'000000000000E03F000000000000E03F',1.0,1.0,'budget-entropy',0,2,'label',0,1790000002000);
INSERT INTO "predictions" VALUES(1,1,0,2,0,X'7E6891A4AB96E43F042FDDB6A8D2D63F',9.39831168256391569215e-01,8.14877011369046888589e-01,'budget-entropy',0,3,'label',0,1790000003000);
INSERT INTO "predictions" VALUES(1,2,0,3,0,X'993744B31C7FE23FCE907799C601DB3F',9.82365841381522830744e-01,9.38606249246482171599e-01,'budget-entropy',1,4,'label',1,1790000004000);
INSERT INTO "predictions" VALUES(1,3,0,4,1,X'B63EBCB3B8AFDE3FA5E021A623A8E03F',9.98784136242902187419e-01,9.95275995148313885607e-01,'budget-entropy',1,5,'label',1,1790000005000);
INSERT INTO "predictions" VALUES(1,4,0,5,1,X'C807854A7ABDD83F1C7CBDDA42A1E33F',9.62546874586569845e-01,0.849334279990181,'budget-entropy',1,6,'label',1,1790000006000);
INSERT INTO "predictions" VALUES(1,5,0,6,0,X'488E20CF9CEAE13F70E3BE61C62ADC3F',9.89626026319715634826e-01,0.952824883733581,'budget-entropy',0,7,'label',0,1790000007000);
INSERT INTO "predictions" VALUES(1,6,0,7,0,X'E3A33EB94612E73F3AB8828D72DBD13F',8.54110698107358401465e-01,4.49418168798862149859e-01,'budget-entropy',0,8,'label',0,1790000008000);
INSERT INTO "predictions" VALUES(1,7,0,8,0,X'2CFE0EA02381E03FA803E2BFB8FDDE3F',9.9928284580838744322e-01,9.96220289637174238883e-01,'budget-entropy',0,9,'label',0,1790000009000);
INSERT INTO "predictions" VALUES(1,8,0,9,0,X'8E2A11BB98D7E63FE5AADD89CE50D23F',8.63738152945278780947e-01,4.27429866378460698861e-01,'budget-entropy',0,10,'label',0,1790000010000);
INSERT INTO "predictions" VALUES(1,9,0,10,0,X'9EB47562EB32E13FC596143B299ADD3F',9.95946028771658831146e-01,9.7582002669417544638e-01,'budget-entropy',1,11,'retracted',NULL,1790000012000);
INSERT INTO "predictions" VALUES(1,10,0,11,1,X'96DE1ACE4C5CD53FB590F298D951E53F',9.18720460075442724168e-01,5.710050254828210603e-01,'budget-entropy',1,12,'label',1,1790000014000);
INSERT INTO "predictions" VALUES(1,11,0,12,1,X'60716D8E82CAD53F5047C9B8BE1AE53F',0.925282278736306,0.582301703182999,'budget-entropy',1,15,'label',1,1790000016000);
INSERT INTO "predictions" VALUES(1,12,0,15,0,X'50DDFA16845CE53F60450AD2F746D53F',9.17416550135180530745e-01,5.30979679720257058406e-01,'budget-entropy',0,16,'pass',NULL,1790000021000);
INSERT INTO "predictions" VALUES(1,12,14,13,0,X'50DDFA16845CE53F60450AD2F746D53F',9.17416550135180530745e-01,5.30979679720257058406e-01,'budget-entropy',0,NULL,NULL,NULL,1790000018000);
INSERT INTO "predictions" VALUES(1,13,0,16,1,X'D835C01F418DCA3F8AF20FB8AF5CE93F',7.36552578120584944265e-01,9.47652790942694611686e-02,'',1,NULL,NULL,NULL,1790000022000);
INSERT INTO "predictions" VALUES(1,14,0,16,1,X'783D1B3F7C49CD3FA23039F0A0ADE83F',7.75922492310396449965e-01,1.40317457626088604172e-01,'budget-entropy',1,20,'label',1,1790000022000);
INSERT INTO "predictions" VALUES(1,15,0,20,0,X'09D196A0C4A4EA3FDCBBA47DED6CC53F',6.51691619799709354055e-01,0.04,'',0,NULL,NULL,NULL,1790000027000);
INSERT INTO "predictions" VALUES(1,16,0,20,1,X'205E7C4460A3BB3F3C7470F7938BEC3F',4.93736960896535570508e-01,0.04,'',1,NULL,NULL,NULL,1790000027000);
INSERT INTO "predictions" VALUES(1,17,0,20,1,X'D88B865C635FCA3F0A5DDE282768E93F',7.33837086285178852307e-01,8.95982821273617335844e-02,'',1,NULL,NULL,NULL,1790000027000);
INSERT INTO "predictions" VALUES(1,18,0,20,0,X'DC698E355C0EE73F482CE39447E3D13F',8.54764596189041769846e-01,2.92826612102527916725e-01,'',0,NULL,NULL,NULL,1790000027000);
INSERT INTO "predictions" VALUES(1,19,0,20,0,X'79EA298B252CEB3F1C5658D3694FC33F',6.11990780107338205873e-01,0.04,'',0,NULL,NULL,NULL,1790000027000);
INSERT INTO "predictions" VALUES(1,20,0,20,0,X'463C424EECF7EB3FE60EF7C64E20C03F',5.46325967730645789544e-01,0.04,'',0,NULL,NULL,NULL,1790000027000);
INSERT INTO "predictions" VALUES(1,21,0,20,0,X'7A3AE691A521E63F0C8B33DCB4BCD33F',8.91309420950000430572e-01,3.98194904163611418379e-01,'budget-entropy',0,21,'label',0,1790000027000);
INSERT INTO "predictions" VALUES(1,22,0,21,1,X'00C50BAFC267C73FC00E3D540F26EA3F',6.86280928727845740411e-01,4.4179600117790311653e-02,'',1,NULL,NULL,NULL,1790000029000);
INSERT INTO "predictions" VALUES(1,23,0,21,0,X'2AA40C4473A0E63FACB7E67719BFD23F',8.72455491896722667988e-01,3.2305204372907514454e-01,'budget-entropy',0,NULL,NULL,NULL,1790000029000);
CREATE TABLE rollups (
	experiment_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	bucket INTEGER NOT NULL, 
	counts TEXT NOT NULL, 
	PRIMARY KEY (experiment_id, kind, bucket), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (id)
)
 WITHOUT ROWID

;
INSERT INTO "rollups" VALUES(1,'10000',0,'{"as:0":14,"as:1":9,"asked":15,"correct":21,"e":1,"ev":69688,"ey":65409,"fn:1":1,"fnv:1":69688,"fny:1":65409,"fp:0":1,"fpv:0":69688,"fpy:0":65409,"h:q:19":1,"h:q:21":2,"h:q:22":3,"h:q:23":2,"h:q:24":7,"h:s:12":1,"h:s:13":1,"h:s:15":1,"h:s:16":1,"h:s:17":1,"h:s:18":2,"h:s:21":1,"is:0":7,"is:1":6,"judged":13,"known":23,"labels":13,"n":23,"o:2":1,"passes":1,"pi":11303975314,"pred:0":14,"pred:1":9,"q:0":8,"q:1":5,"retracted":1,"sup:0":12,"sup:1":11,"tp:0":12,"tp:1":9,"u":2,"u:0":2,"uo:1":1,"uo:13":1,"uv":1688943,"uv:0":1688943,"uy":908090,"uy:0":908090,"w":25199347,"w2":81683386,"why:budget-entropy":15}');
INSERT INTO "rollups" VALUES(1,'100000',0,'{"as:0":14,"as:1":9,"asked":15,"correct":21,"e":1,"ev":69688,"ey":65409,"fn:1":1,"fnv:1":69688,"fny:1":65409,"fp:0":1,"fpv:0":69688,"fpy:0":65409,"h:q:19":1,"h:q:21":2,"h:q:22":3,"h:q:23":2,"h:q:24":7,"h:s:12":1,"h:s:13":1,"h:s:15":1,"h:s:16":1,"h:s:17":1,"h:s:18":2,"h:s:21":1,"is:0":7,"is:1":6,"judged":13,"known":23,"labels":13,"n":23,"o:2":1,"passes":1,"pi":11303975314,"pred:0":14,"pred:1":9,"q:0":8,"q:1":5,"retracted":1,"sup:0":12,"sup:1":11,"tp:0":12,"tp:1":9,"u":2,"u:0":2,"uo:1":1,"uo:13":1,"uv":1688943,"uv:0":1688943,"uy":908090,"uy:0":908090,"w":25199347,"w2":81683386,"why:budget-entropy":15}');
INSERT INTO "rollups" VALUES(1,'25',0,'{"as:0":14,"as:1":9,"asked":15,"correct":21,"e":1,"ev":69688,"ey":65409,"fn:1":1,"fnv:1":69688,"fny:1":65409,"fp:0":1,"fpv:0":69688,"fpy:0":65409,"h:q:19":1,"h:q:21":2,"h:q:22":3,"h:q:23":2,"h:q:24":7,"h:s:12":1,"h:s:13":1,"h:s:15":1,"h:s:16":1,"h:s:17":1,"h:s:18":2,"h:s:21":1,"is:0":7,"is:1":6,"judged":13,"known":23,"labels":13,"n":23,"o:2":1,"passes":1,"pi":11303975314,"pred:0":14,"pred:1":9,"q:0":8,"q:1":5,"retracted":1,"sup:0":12,"sup:1":11,"tp:0":12,"tp:1":9,"u":2,"u:0":2,"uo:1":1,"uo:13":1,"uv":1688943,"uv:0":1688943,"uy":908090,"uy:0":908090,"w":25199347,"w2":81683386,"why:budget-entropy":15}');
INSERT INTO "rollups" VALUES(1,'500',0,'{"as:0":14,"as:1":9,"asked":15,"correct":21,"e":1,"ev":69688,"ey":65409,"fn:1":1,"fnv:1":69688,"fny:1":65409,"fp:0":1,"fpv:0":69688,"fpy:0":65409,"h:q:19":1,"h:q:21":2,"h:q:22":3,"h:q:23":2,"h:q:24":7,"h:s:12":1,"h:s:13":1,"h:s:15":1,"h:s:16":1,"h:s:17":1,"h:s:18":2,"h:s:21":1,"is:0":7,"is:1":6,"judged":13,"known":23,"labels":13,"n":23,"o:2":1,"passes":1,"pi":11303975314,"pred:0":14,"pred:1":9,"q:0":8,"q:1":5,"retracted":1,"sup:0":12,"sup:1":11,"tp:0":12,"tp:1":9,"u":2,"u:0":2,"uo:1":1,"uo:13":1,"uv":1688943,"uv:0":1688943,"uy":908090,"uy:0":908090,"w":25199347,"w2":81683386,"why:budget-entropy":15}');
INSERT INTO "rollups" VALUES(1,'all',0,'{"as:0":14,"as:1":9,"asked":15,"correct":21,"e":1,"ev":69688,"ey":65409,"fn:1":1,"fnv:1":69688,"fny:1":65409,"fp:0":1,"fpv:0":69688,"fpy:0":65409,"h:q:19":1,"h:q:21":2,"h:q:22":3,"h:q:23":2,"h:q:24":7,"h:s:12":1,"h:s:13":1,"h:s:15":1,"h:s:16":1,"h:s:17":1,"h:s:18":2,"h:s:21":1,"is:0":7,"is:1":6,"judged":13,"known":23,"labels":13,"n":23,"o:2":1,"passes":1,"pi":11303975314,"pred:0":14,"pred:1":9,"q:0":8,"q:1":5,"retracted":1,"sup:0":12,"sup:1":11,"tp:0":12,"tp:1":9,"u":2,"u:0":2,"uo:1":1,"uo:13":1,"uv":1688943,"uv:0":1688943,"uy":908090,"uy:0":908090,"w":25199347,"w2":81683386,"why:budget-entropy":15}');
INSERT INTO "rollups" VALUES(1,'cell',0,'{"n":7,"v":9989986,"w":11356481,"w2":21346467,"y":4356481}');
INSERT INTO "rollups" VALUES(1,'cell',4096,'{"n":1,"v":69688,"w":1065409,"w2":1135097,"y":65409}');
INSERT INTO "rollups" VALUES(1,'cell',4097,'{"n":5,"v":46424365,"w":12777457,"w2":59201822,"y":7777457}');
INSERT INTO "rollups" VALUES(1,'confidence',5,'{"e":1,"ev":69688,"ey":65409,"n":6,"p":3211661,"q":5,"u":1,"uv":25393,"uy":24779,"w":5123460,"w2":5253687}');
INSERT INTO "rollups" VALUES(1,'confidence',6,'{"n":6,"p":3941733,"q":5,"u":1,"uv":1663550,"uy":883311,"w":8384526,"w2":15215258}');
INSERT INTO "rollups" VALUES(1,'confidence',7,'{"n":6,"p":4513025,"q":3,"w":11691361,"w2":61214441}');
INSERT INTO "rollups" VALUES(1,'confidence',8,'{"n":5,"p":4264950}');
INSERT INTO "rollups" VALUES(1,'confusion',0,'{"n":12}');
INSERT INTO "rollups" VALUES(1,'confusion',4096,'{"n":2}');
INSERT INTO "rollups" VALUES(1,'confusion',4097,'{"n":9}');
INSERT INTO "rollups" VALUES(1,'entropy',493,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',546,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',611,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',651,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',686,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',733,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',736,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',775,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',854,'{"q":1,"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',863,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',891,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',917,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',918,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',925,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',939,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',962,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',982,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',989,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',995,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',998,'{"q":1}');
INSERT INTO "rollups" VALUES(1,'entropy',999,'{"q":2}');
INSERT INTO "rollups" VALUES(1,'hour',497222,'{"from:person":7,"from:warm-start":8,"labels":14,"ms":7200,"passes":1,"timed":6}');
CREATE TABLE samples (
	stream_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	sample_id TEXT NOT NULL, 
	text TEXT, 
	fields TEXT, 
	truth SMALLINT, 
	PRIMARY KEY (stream_id, position), 
	FOREIGN KEY(stream_id) REFERENCES streams (id)
)
 WITHOUT ROWID

;
INSERT INTO "samples" VALUES(1,0,'m0','prize cash the you prize',NULL,0);
INSERT INTO "samples" VALUES(1,1,'m1','you cash prize prize is',NULL,0);
INSERT INTO "samples" VALUES(1,2,'m2','the lunch lunch we ok',NULL,1);
INSERT INTO "samples" VALUES(1,3,'m3','ok a the ok ok',NULL,1);
INSERT INTO "samples" VALUES(1,4,'m4','ok ok later the is',NULL,1);
INSERT INTO "samples" VALUES(1,5,'m5','we is prize is win',NULL,0);
INSERT INTO "samples" VALUES(1,6,'m6','cash win prize cash the',NULL,0);
INSERT INTO "samples" VALUES(1,7,'m7','the free free win win',NULL,0);
INSERT INTO "samples" VALUES(1,8,'m8','win you free win we',NULL,0);
INSERT INTO "samples" VALUES(1,9,'m9','home you ok is the',NULL,1);
INSERT INTO "samples" VALUES(1,10,'m10','home you is later ok',NULL,1);
INSERT INTO "samples" VALUES(1,11,'m11','home later later we the',NULL,1);
INSERT INTO "samples" VALUES(1,12,'m12','the we we free prize',NULL,0);
INSERT INTO "samples" VALUES(1,13,'m13','is ok lunch a home',NULL,1);
INSERT INTO "samples" VALUES(1,14,'m14','home the later a home',NULL,1);
INSERT INTO "samples" VALUES(1,15,'m15','prize you win prize prize',NULL,0);
INSERT INTO "samples" VALUES(1,16,'m16','lunch we ok later ok',NULL,1);
INSERT INTO "samples" VALUES(1,17,'m17','ok ok lunch ok home',NULL,1);
INSERT INTO "samples" VALUES(1,18,'m18','is is prize is the',NULL,0);
INSERT INTO "samples" VALUES(1,19,'m19','prize you win win free',NULL,0);
INSERT INTO "samples" VALUES(1,20,'m20','is win is prize cash',NULL,0);
INSERT INTO "samples" VALUES(1,21,'m21','prize win free a the',NULL,0);
INSERT INTO "samples" VALUES(1,22,'m22','you later ok later the',NULL,1);
INSERT INTO "samples" VALUES(1,23,'m23','the win win the cash',NULL,0);
INSERT INTO "samples" VALUES(1,24,'m24','lunch ok later later home',NULL,1);
INSERT INTO "samples" VALUES(1,25,'m25','you is free cash the',NULL,0);
INSERT INTO "samples" VALUES(1,26,'m26','ok we ok home later',NULL,1);
INSERT INTO "samples" VALUES(1,27,'m27','a win we is we',NULL,0);
INSERT INTO "samples" VALUES(1,28,'m28','win is the is win',NULL,0);
INSERT INTO "samples" VALUES(1,29,'m29','ok lunch ok lunch lunch',NULL,1);
INSERT INTO "samples" VALUES(1,30,'m30','you we win prize win',NULL,0);
INSERT INTO "samples" VALUES(1,31,'m31','prize a a cash cash',NULL,0);
INSERT INTO "samples" VALUES(1,32,'m32','lunch home you a ok',NULL,1);
INSERT INTO "samples" VALUES(1,33,'m33','a cash is is a',NULL,0);
INSERT INTO "samples" VALUES(1,34,'m34','prize free is we you',NULL,0);
INSERT INTO "samples" VALUES(1,35,'m35','we ok a later ok',NULL,1);
INSERT INTO "samples" VALUES(1,36,'m36','cash a win win you',NULL,0);
INSERT INTO "samples" VALUES(1,37,'m37','prize the we prize a',NULL,0);
INSERT INTO "samples" VALUES(1,38,'m38','the we win cash win',NULL,0);
INSERT INTO "samples" VALUES(1,39,'m39','free cash free free cash',NULL,0);
INSERT INTO "samples" VALUES(1,40,'m40','ok later later ok later',NULL,1);
INSERT INTO "samples" VALUES(1,41,'m41','free we we we free',NULL,0);
INSERT INTO "samples" VALUES(1,42,'m42','is free is a cash',NULL,0);
INSERT INTO "samples" VALUES(1,43,'m43','prize is free you prize',NULL,0);
INSERT INTO "samples" VALUES(1,44,'m44','prize is cash free win',NULL,0);
INSERT INTO "samples" VALUES(1,45,'m45','free free you win win',NULL,0);
INSERT INTO "samples" VALUES(1,46,'m46','win is the prize cash',NULL,0);
INSERT INTO "samples" VALUES(1,47,'m47','prize a prize prize we',NULL,0);
INSERT INTO "samples" VALUES(1,48,'m48','ok you later is we',NULL,1);
INSERT INTO "samples" VALUES(1,49,'m49','home the home ok home',NULL,1);
INSERT INTO "samples" VALUES(1,50,'m50','you free a win the',NULL,0);
INSERT INTO "samples" VALUES(1,51,'m51','prize cash free free a',NULL,0);
INSERT INTO "samples" VALUES(1,52,'m52','is the we a a',NULL,0);
INSERT INTO "samples" VALUES(1,53,'m53','a lunch you home you',NULL,1);
INSERT INTO "samples" VALUES(1,54,'m54','lunch ok ok ok ok',NULL,1);
INSERT INTO "samples" VALUES(1,55,'m55','lunch we you ok lunch',NULL,1);
INSERT INTO "samples" VALUES(1,56,'m56','free cash prize prize prize',NULL,0);
INSERT INTO "samples" VALUES(1,57,'m57','prize prize win free win',NULL,0);
INSERT INTO "samples" VALUES(1,58,'m58','cash prize cash prize win',NULL,0);
INSERT INTO "samples" VALUES(1,59,'m59','is later ok we later',NULL,1);
CREATE TABLE snapshots (
	experiment_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	version TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (experiment_id, seq), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (id)
)
 WITHOUT ROWID

;
CREATE TABLE streams (
	id INTEGER NOT NULL, 
	slug TEXT NOT NULL, 
	title TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	classes TEXT NOT NULL, 
	samples INTEGER NOT NULL, 
	truths INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	ready INTEGER DEFAULT '1' NOT NULL, 
	columns TEXT DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slug)
);
INSERT INTO "streams" VALUES(1,'dump','Dump','text','["spam", "ham"]',60,60,'made up for the tests','d304af39dbf4455868c8b55d22bc3444d74cf86dbd361c6ff79887e193df192f',1790000000000,1,'{}');
CREATE UNIQUE INDEX ix_jobs_running ON jobs (scope) WHERE state = 'running';
CREATE INDEX ix_jobs_scope ON jobs (scope, started_at);
CREATE INDEX ix_events_mark ON events (experiment_id, position, seq) WHERE kind = 'mark';
CREATE INDEX ix_events_target ON events (experiment_id, target) WHERE target IS NOT NULL;
CREATE INDEX ix_predictions_open ON predictions (experiment_id, position) WHERE voided = 0 AND reason != '' AND answered IS NULL;
CREATE INDEX ix_predictions_asked ON predictions (experiment_id, position) WHERE voided = 0 AND reason != '';
CREATE INDEX ix_predictions_labeled ON predictions (experiment_id, answered) WHERE voided = 0 AND label IS NOT NULL;
COMMIT;
