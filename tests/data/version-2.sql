-- A database of schema version 2: an experiment under way whose floor was raised from 0 to .1 in
-- the middle, with a pass, an undo, a relabel and a retraction. Made by the release that had this
-- schema, over the first of its sample messages.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
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
INSERT INTO "events" VALUES(1,1,'scan',NULL,NULL,NULL,0,1,NULL,'','person',NULL,NULL,1795000000000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,2,'label',0,0,NULL,1,2,NULL,'ann','person',NULL,900,1795000001700,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,3,'label',1,0,NULL,2,3,NULL,'ann','person',NULL,900,1795000003400,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,4,'label',2,0,NULL,3,4,NULL,'ann','person',NULL,900,1795000005100,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,5,'label',3,0,NULL,4,5,NULL,'ann','person',NULL,900,1795000006800,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,6,'label',4,1,NULL,5,6,NULL,'ann','person',NULL,900,1795000008500,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,7,'label',5,0,NULL,6,8,NULL,'ann','person',NULL,900,1795000010200,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,8,'label',7,0,NULL,8,9,NULL,'ann','person',NULL,900,1795000011900,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,9,'label',8,1,NULL,9,10,NULL,'ann','person',NULL,900,1795000013600,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,10,'label',9,0,NULL,10,11,NULL,'ann','person',NULL,900,1795000015300,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,11,'label',10,0,NULL,11,12,NULL,'ann','person',NULL,900,1795000017000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,12,'label',11,0,NULL,12,13,NULL,'ann','person',NULL,900,1795000018700,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,13,'label',12,0,NULL,13,14,NULL,'ann','person',NULL,900,1795000020400,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,14,'change',NULL,NULL,0,14,14,NULL,'','person',NULL,NULL,1795000022100,NULL,0,NULL,'{"before": {"spec": {"preset": "blog", "pipeline": "bag-of-words-lr", "strategy": "entropy", "discount_factor": 400.0, "budget": 0.1, "floor": 0.0, "seed": 42, "margin": 0.1, "columns": {}}, "classes": [{"name": "ham", "title": "Ham", "guideline": ""}, {"name": "spam", "title": "Spam", "guideline": ""}]}, "after": {"spec": {"preset": "blog", "pipeline": "bag-of-words-lr", "strategy": "entropy", "discount_factor": 100.0, "budget": 0.1, "floor": 0.1, "seed": 42, "margin": 0.1, "columns": {}}, "classes": [{"name": "ham", "title": "Ham", "guideline": ""}, {"name": "spam", "title": "Spam", "guideline": ""}]}}');
INSERT INTO "events" VALUES(1,15,'pass',13,NULL,NULL,14,15,NULL,'ann','person',NULL,NULL,1795000023800,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,16,'label',14,0,NULL,15,16,NULL,'ann','person',NULL,900,1795000025500,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,17,'label',15,0,NULL,16,17,NULL,'ann','person',NULL,900,1795000027200,1795000079900,0,NULL,NULL);
INSERT INTO "events" VALUES(1,18,'label',16,0,NULL,17,18,NULL,'ann','person',NULL,900,1795000028900,1795000081600,0,NULL,NULL);
INSERT INTO "events" VALUES(1,19,'label',17,0,NULL,18,19,NULL,'ann','person',NULL,900,1795000030600,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,20,'label',18,0,NULL,19,20,NULL,'ann','person',NULL,900,1795000032300,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,21,'label',19,1,NULL,20,21,NULL,'ann','person',NULL,900,1795000034000,1795000035700,22,NULL,NULL);
INSERT INTO "events" VALUES(1,22,'undo',19,NULL,21,21,20,NULL,'ann','person',NULL,NULL,1795000035700,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,23,'label',19,1,NULL,20,21,NULL,'ann','person',NULL,900,1795000037400,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,24,'label',20,0,NULL,21,22,NULL,'ann','person',NULL,900,1795000039100,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,25,'label',21,0,NULL,22,23,NULL,'ann','person',NULL,900,1795000040800,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,26,'label',22,1,NULL,23,24,NULL,'ann','person',NULL,900,1795000044200,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,27,'label',23,0,NULL,24,26,NULL,'ann','person',NULL,900,1795000045900,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,28,'label',25,0,NULL,26,27,NULL,'ann','person',NULL,900,1795000047600,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,29,'label',26,0,NULL,27,28,NULL,'ann','person',NULL,900,1795000049300,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,30,'label',27,0,NULL,28,30,NULL,'ann','person',NULL,900,1795000051000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,31,'label',29,0,NULL,30,32,NULL,'ann','person',NULL,900,1795000052700,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,32,'label',31,0,NULL,32,33,NULL,'ann','person',NULL,900,1795000054400,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,33,'label',32,0,NULL,33,36,NULL,'ann','person',NULL,900,1795000056100,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,34,'label',35,1,NULL,36,40,NULL,'ann','person',NULL,900,1795000057800,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,35,'label',39,0,NULL,40,42,NULL,'ann','person',NULL,900,1795000059500,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,36,'label',41,0,NULL,42,43,NULL,'ann','person',NULL,900,1795000061200,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,37,'label',42,0,NULL,43,45,NULL,'ann','person',NULL,900,1795000062900,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,38,'label',44,0,NULL,45,46,NULL,'ann','person',NULL,900,1795000064600,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,39,'label',45,0,NULL,46,47,NULL,'ann','person',NULL,900,1795000066300,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,40,'label',46,0,NULL,47,48,NULL,'ann','person',NULL,900,1795000068000,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,41,'label',47,0,NULL,48,49,NULL,'ann','person',NULL,900,1795000069700,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,42,'label',48,1,NULL,49,50,NULL,'ann','person',NULL,900,1795000071400,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,43,'label',49,1,NULL,50,51,NULL,'ann','person',NULL,900,1795000073100,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,44,'label',50,0,NULL,51,52,NULL,'ann','person',NULL,900,1795000074800,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,45,'label',51,0,NULL,52,53,NULL,'ann','person',NULL,900,1795000076500,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,46,'label',52,0,NULL,53,57,NULL,'ann','person',NULL,900,1795000078200,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,47,'relabel',15,1,17,57,57,NULL,'ann','person',NULL,NULL,1795000079900,NULL,0,NULL,NULL);
INSERT INTO "events" VALUES(1,48,'retract',16,NULL,18,57,57,NULL,'ann','person',NULL,NULL,1795000081600,NULL,0,NULL,NULL);
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
INSERT INTO "experiments" VALUES(1,'01M823JT9CG7DZDTV6BXZH5DBC','floor-raised','floor raised',1,'{"preset": "blog", "pipeline": "bag-of-words-lr", "strategy": "entropy", "discount_factor": 100.0, "budget": 0.1, "floor": 0.1, "seed": 42, "margin": 0.1, "columns": {}}','[{"name": "ham", "title": "Ham", "guideline": ""}, {"name": "spam", "title": "Spam", "guideline": ""}]',48,57,NULL,NULL,0,0,1795367201068,1795367201068,NULL,NULL,'','');
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
INSERT INTO "meta" VALUES('schema','2');
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
INSERT INTO "predictions" VALUES(1,0,0,1,0,X'000000000000E03F000000000000E03F',1.0,1.0,'entropy',0,2,'label',0,1795000000000);
INSERT INTO "predictions" VALUES(1,1,0,2,0,X'9E0F2C2CB81EE03FC3E0A7A78FC2DF3F',0.999959425343141,9.83900807878008376583e-01,'entropy',0,3,'label',0,1795000001700);
INSERT INTO "predictions" VALUES(1,2,0,3,0,X'A609606FBA28E03FB4EC3F218BAEDF3F',9.99928677992512060512e-01,9.71873312054054139252e-01,'entropy',0,4,'label',0,1795000003400);
INSERT INTO "predictions" VALUES(1,3,0,4,0,X'3A54F3874347E03F8C5719F07871DF3F',0.999781634296099,9.16350981918274909432e-01,'entropy',0,5,'label',0,1795000005100);
INSERT INTO "predictions" VALUES(1,4,0,5,0,X'BE53EE89C332E03F845823EC789ADF3F',9.99889198812449642161e-01,9.56644977666655793591e-01,'entropy',1,6,'label',1,1795000006800);
INSERT INTO "predictions" VALUES(1,5,0,6,0,X'F8CEF567D050E03F106214305F5EDF3F',9.9971918069409992924e-01,8.93737208530660742766e-01,'entropy',0,7,'label',0,1795000008500);
INSERT INTO "predictions" VALUES(1,6,0,7,0,X'E653485DA597E03F35586F45B5D0DE3F',9.99011024430030092347e-01,0.673150753905262,'',0,NULL,NULL,NULL,1795000010200);
INSERT INTO "predictions" VALUES(1,7,0,7,0,X'4A63F769CA50E03F6B39112C6B5EDF3F',9.99719343353377865035e-01,0.893795376612547,'entropy',0,8,'label',0,1795000010200);
INSERT INTO "predictions" VALUES(1,8,0,8,0,X'26867C9A783CE03FB5F306CB0E87DF3F',9.99842769691401400677e-01,9.39040125775367440219e-01,'entropy',1,9,'label',1,1795000011900);
INSERT INTO "predictions" VALUES(1,9,0,9,0,X'32EC70EA4046E03F9C271E2B7E73DF3F',9.99787781700847588695e-01,9.18607513107298490062e-01,'entropy',0,10,'label',0,1795000013600);
INSERT INTO "predictions" VALUES(1,10,0,10,0,X'94A2FAF56CFAE03FD8BA0A14260BDE3F',9.97301930845543083137e-01,3.39362574688674922818e-01,'entropy',0,11,'label',0,1795000015300);
INSERT INTO "predictions" VALUES(1,11,0,11,0,X'4201DE928A6DE03F7BFD43DAEA24DF3F',9.99484020749613399914e-01,8.13471029281591428983e-01,'entropy',0,12,'label',0,1795000017000);
INSERT INTO "predictions" VALUES(1,12,0,12,0,X'F6BA695FCD81E03F148A2C4165FCDE3F',9.99275461085468164057e-01,7.48322976166589159952e-01,'entropy',0,13,'label',0,1795000018700);
INSERT INTO "predictions" VALUES(1,13,0,13,0,X'2341D48D7DC6E03FBA7D57E40473DE3F',9.98305373614006508198e-01,5.07415260792770883568e-01,'entropy',0,15,'pass',NULL,1795000020400);
INSERT INTO "predictions" VALUES(1,14,0,15,0,X'205210D72363E03FBF5BDF51B839DF3F',9.99577365552581253993e-01,9.58608640862951166816e-01,'entropy',0,16,'label',0,1795000023800);
INSERT INTO "predictions" VALUES(1,15,0,16,0,X'2A2504EE806DE03FABB5F723FE24DF3F',9.99484375625385057517e-01,9.49731718871987484753e-01,'entropy',0,17,'label',1,1795000025500);
INSERT INTO "predictions" VALUES(1,16,0,17,0,X'B640C634DE93E03F937E739643D8DE3F',9.99059697969211679691e-01,9.10215004036060482128e-01,'entropy',0,18,'retracted',NULL,1795000027200);
INSERT INTO "predictions" VALUES(1,17,0,18,0,X'83FFF764CFD0E03FFA001036615EDE3F',9.98124504354513608639e-01,8.28842061442158661854e-01,'entropy',0,19,'label',0,1795000028900);
INSERT INTO "predictions" VALUES(1,18,0,19,0,X'126F19CF8BB2E03FDB21CD61E89ADE3F',9.98628918906090512486e-01,8.71793941547479245279e-01,'entropy',0,20,'label',0,1795000030600);
INSERT INTO "predictions" VALUES(1,19,0,20,0,X'F5FB984018DAE03F1608CE7ECF4BDE3F',9.97953930366756170045e-01,8.14796761418244752661e-01,'entropy',1,23,'label',1,1795000032300);
INSERT INTO "predictions" VALUES(1,20,0,23,0,X'3550526FC4B0E03F965F5B21779EDE3F',9.98656110662126783594e-01,0.874170959429408,'entropy',0,24,'label',0,1795000037400);
INSERT INTO "predictions" VALUES(1,20,22,21,0,X'3550526FC4B0E03F965F5B21779EDE3F',9.98656110662126783594e-01,0.874170959429408,'entropy',0,NULL,NULL,NULL,1795000034000);
INSERT INTO "predictions" VALUES(1,21,0,24,0,X'3C799021FA0AE13F870DDFBC0BEADD3F',0.996933234892588,7.35541933621114418784e-01,'entropy',0,25,'label',0,1795000039100);
INSERT INTO "predictions" VALUES(1,22,0,25,0,X'C26D61F35A89E03F7B243D194AEDDE3F',9.99188671437252207141e-01,9.22040816585904421387e-01,'entropy',1,26,'label',1,1795000040800);
INSERT INTO "predictions" VALUES(1,23,0,26,0,X'E206BEC7B913E13F3DF283708CD8DD3F',9.9672879604083730598e-01,7.20610431697733089251e-01,'entropy',0,27,'label',0,1795000044200);
INSERT INTO "predictions" VALUES(1,24,0,27,0,X'F42396BE5BA5E03F18B8D38248B5DE3F',9.9882403315360457352e-01,8.88993029975348791893e-01,'',0,NULL,NULL,NULL,1795000045900);
INSERT INTO "predictions" VALUES(1,25,0,27,0,X'3A306CC614CDE03F8C9F2773D665DE3F',0.998190920116663,8.34375427979162864744e-01,'entropy',0,28,'label',0,1795000045900);
INSERT INTO "predictions" VALUES(1,26,0,28,0,X'50E13469BEF4E03F613D962D8316DE3F',9.9742304557189453984e-01,7.72573561850821932672e-01,'entropy',0,29,'label',0,1795000047600);
INSERT INTO "predictions" VALUES(1,27,0,29,0,X'26F4EB8FA79BE03FB51728E0B0C8DE3F',9.98958035775514563425e-01,9.00999348320620785379e-01,'entropy',0,30,'label',0,1795000049300);
INSERT INTO "predictions" VALUES(1,28,0,30,0,X'E5B404F3AA69E13F3696F619AA2CDD3F',9.94368682761268107839e-01,5.68517440337441559705e-01,'',0,NULL,NULL,NULL,1795000051000);
INSERT INTO "predictions" VALUES(1,29,0,30,0,X'15087567EC1AE13FD6EF153127CADD3F',9.96555640964906563894e-01,7.08198788783707788851e-01,'entropy',0,31,'label',0,1795000051000);
INSERT INTO "predictions" VALUES(1,30,0,31,0,X'CAA6B0F8076AE13F6BB29E0EF02BDD3F',9.94357346688400478562e-01,5.67869680634831230925e-01,'',0,NULL,NULL,NULL,1795000052700);
INSERT INTO "predictions" VALUES(1,31,0,31,0,X'8C06E625CBEAE03FE9F233B4692ADE3F',9.9762843490829755666e-01,7.88645650940127285188e-01,'entropy',0,32,'label',0,1795000052700);
INSERT INTO "predictions" VALUES(1,32,0,32,0,X'74ECE855E0ADE03F18272E543FA4DE3F',9.98699722668622280608e-01,8.77996788984775178299e-01,'entropy',0,33,'label',0,1795000054400);
INSERT INTO "predictions" VALUES(1,33,0,33,0,X'DB53DDF4B1C0E03F4A5845169C7EDE3F',9.9840292066132985127e-01,8.52283890417696254893e-01,'',1,NULL,NULL,NULL,1795000056100);
INSERT INTO "predictions" VALUES(1,34,0,33,0,X'B2D9DB6A4E22E23F9B4C482A63BBDB3F',0.987129600567215,2.73789953315270284672e-01,'',0,NULL,NULL,NULL,1795000056100);
INSERT INTO "predictions" VALUES(1,35,0,33,0,X'B61FFF95C421E13F94C001D476BCDD3F',9.96386832747473194515e-01,6.96302524997827854136e-01,'entropy',1,34,'label',1,1795000056100);
INSERT INTO "predictions" VALUES(1,36,0,34,0,X'80237A85F1BFE13F00B90BF51C80DC3F',0.991355497639274,4.19702865816806325316e-01,'',0,NULL,NULL,NULL,1795000057800);
INSERT INTO "predictions" VALUES(1,37,0,34,0,X'BEEFC5A72F7CE13F842074B0A007DD3F',0.99377638745689,5.35633031537922743581e-01,'',0,NULL,NULL,NULL,1795000057800);
INSERT INTO "predictions" VALUES(1,38,0,34,0,X'7ACC573980C1E03F0B67508DFF7CDE3F',9.98389531748567371494e-01,8.51141707949571890701e-01,'',0,NULL,NULL,NULL,1795000057800);
INSERT INTO "predictions" VALUES(1,39,0,34,0,X'C3269EA2F450E13F7AB2C3BA165EDD3F',9.95112790922152434802e-01,6.12675986010704276552e-01,'entropy',0,35,'label',0,1795000057800);
INSERT INTO "predictions" VALUES(1,40,0,35,0,X'BC486DC65A53E13F886E25734A59DD3F',9.95042873157878204892e-01,6.08386191607393378433e-01,'',0,NULL,NULL,NULL,1795000059500);
INSERT INTO "predictions" VALUES(1,41,0,35,0,X'A86F799896E5E03FB0200DCFD234DE3F',9.97732477243802096111e-01,7.96913014038203137978e-01,'entropy',0,36,'label',0,1795000059500);
INSERT INTO "predictions" VALUES(1,42,0,36,0,X'A254C6E55104E13FBB5673345CF7DD3F',9.97084371629550769711e-01,7.46776967428593452247e-01,'entropy',0,37,'label',0,1795000061200);
INSERT INTO "predictions" VALUES(1,43,0,37,0,X'044ADA3A362DE23FF96B4B8A93A5DB3F',9.86609007413639882422e-01,2.59721325654893309131e-01,'',0,NULL,NULL,NULL,1795000062900);
INSERT INTO "predictions" VALUES(1,44,0,37,0,X'C855694916B1E13F6F542D6DD39DDC3F',9.91920450360757932628e-01,4.44308291118074349945e-01,'entropy',0,38,'label',0,1795000062900);
INSERT INTO "predictions" VALUES(1,45,0,38,0,X'DEC224297D6FE13F447AB6AD0521DD3F',9.94185702451366060117e-01,5.58150500775235314243e-01,'entropy',0,39,'label',0,1795000064600);
INSERT INTO "predictions" VALUES(1,46,0,39,0,X'B3F06F76E916E13F9A1E20132DD2DD3F',9.96652696844075314253e-01,7.15129387718756115432e-01,'entropy',0,40,'label',0,1795000066300);
INSERT INTO "predictions" VALUES(1,47,0,40,0,X'8E801484DF1EE13FE5FED6F740C2DD3F',9.96458722716087375026e-01,7.01344378640721632933e-01,'entropy',0,41,'label',0,1795000068000);
INSERT INTO "predictions" VALUES(1,48,0,41,0,X'0B5E755A5728E13FEA43154B51AFDD3F',9.96220900783993057459e-01,6.8480181393042993676e-01,'entropy',1,42,'label',1,1795000069700);
INSERT INTO "predictions" VALUES(1,49,0,42,0,X'FAA7F1A33CFDE03F0CB01CB88605DE3F',9.97240975527473927364e-01,7.58597640867313183221e-01,'entropy',1,43,'label',1,1795000071400);
INSERT INTO "predictions" VALUES(1,50,0,43,0,X'EEDBDD23D138E13F234844B85D8EDD3F',0.99578858373653,0.65571376088394,'entropy',0,44,'label',0,1795000073100);
INSERT INTO "predictions" VALUES(1,51,0,44,0,X'31E74040EF8AE13F9E317E7F21EADC3F',9.93283394074507608451e-01,5.09703352824104283236e-01,'entropy',0,45,'label',0,1795000074800);
INSERT INTO "predictions" VALUES(1,52,0,45,0,X'22C2EE8F4DFBE13FBD7B22E06409DC3F',9.88906330474773165306e-01,3.27729626660092809853e-01,'entropy',0,46,'label',0,1795000076500);
INSERT INTO "predictions" VALUES(1,53,0,46,0,X'5B7C86557D47E13F4A07F3540571DD3F',9.95383814150897716643e-01,6.29589453080576122445e-01,'',0,NULL,NULL,NULL,1795000078200);
INSERT INTO "predictions" VALUES(1,54,0,46,0,X'798510371D37E23F0EF5DE91C591DB3F',9.86127279319159333326e-01,2.47341670213978598313e-01,'',0,NULL,NULL,NULL,1795000078200);
INSERT INTO "predictions" VALUES(1,55,0,46,0,X'6A3E5427A1FCE13F2B8357B1BD06DC3F',9.88848086951879423622e-01,3.25805017131992336043e-01,'',0,NULL,NULL,NULL,1795000078200);
INSERT INTO "predictions" VALUES(1,56,0,46,0,X'9AB5D8B3E723E13FCD944E9830B8DD3F',9.96333293168288114394e-01,6.92570966191108139398e-01,'entropy',0,NULL,NULL,NULL,1795000078200);
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
INSERT INTO "rollups" VALUES(1,'10000',0,'{"asked":42,"correct":48,"h:q:24":42,"h:s:24":14,"known":56,"labels":40,"n":56,"passes":1,"pi":40261737242,"pred:0":56,"retracted":1,"sup:0":48,"sup:1":8,"tp:0":48,"why:entropy":42}');
INSERT INTO "rollups" VALUES(1,'100000',0,'{"asked":42,"correct":48,"h:q:24":42,"h:s:24":14,"known":56,"labels":40,"n":56,"passes":1,"pi":40261737242,"pred:0":56,"retracted":1,"sup:0":48,"sup:1":8,"tp:0":48,"why:entropy":42}');
INSERT INTO "rollups" VALUES(1,'25',0,'{"asked":23,"correct":21,"h:q:24":23,"h:s:24":2,"known":25,"labels":21,"n":25,"passes":1,"pi":21031018200,"pred:0":25,"retracted":1,"sup:0":21,"sup:1":4,"tp:0":21,"why:entropy":23}');
INSERT INTO "rollups" VALUES(1,'25',1,'{"asked":16,"correct":21,"h:q:24":16,"h:s:24":9,"known":25,"labels":16,"n":25,"pi":16534836161,"pred:0":25,"sup:0":21,"sup:1":4,"tp:0":21,"why:entropy":16}');
INSERT INTO "rollups" VALUES(1,'25',2,'{"asked":3,"correct":6,"h:q:24":3,"h:s:24":3,"known":6,"labels":3,"n":6,"pi":2695882881,"pred:0":6,"sup:0":6,"tp:0":6,"why:entropy":3}');
INSERT INTO "rollups" VALUES(1,'500',0,'{"asked":42,"correct":48,"h:q:24":42,"h:s:24":14,"known":56,"labels":40,"n":56,"passes":1,"pi":40261737242,"pred:0":56,"retracted":1,"sup:0":48,"sup:1":8,"tp:0":48,"why:entropy":42}');
INSERT INTO "rollups" VALUES(1,'all',0,'{"asked":42,"correct":48,"h:q:24":42,"h:s:24":14,"known":56,"labels":40,"n":56,"passes":1,"pi":40261737242,"pred:0":56,"retracted":1,"sup:0":48,"sup:1":8,"tp:0":48,"why:entropy":42}');
INSERT INTO "rollups" VALUES(1,'confusion',0,'{"n":48}');
INSERT INTO "rollups" VALUES(1,'confusion',4096,'{"n":8}');
INSERT INTO "rollups" VALUES(1,'entropy',986,'{"s":2}');
INSERT INTO "rollups" VALUES(1,'entropy',987,'{"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',988,'{"q":1,"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',991,'{"q":1,"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',993,'{"q":1,"s":1}');
INSERT INTO "rollups" VALUES(1,'entropy',994,'{"q":1,"s":2}');
INSERT INTO "rollups" VALUES(1,'entropy',995,'{"q":2,"s":2}');
INSERT INTO "rollups" VALUES(1,'entropy',996,'{"q":7}');
INSERT INTO "rollups" VALUES(1,'entropy',997,'{"q":7}');
INSERT INTO "rollups" VALUES(1,'entropy',998,'{"q":7,"s":3}');
INSERT INTO "rollups" VALUES(1,'entropy',999,'{"q":15,"s":1}');
INSERT INTO "rollups" VALUES(1,'hour',498611,'{"from:person":42,"labels":41,"ms":36900,"passes":1,"timed":41}');
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
INSERT INTO "samples" VALUES(1,0,'m0','The train is packed, typical.',NULL,0);
INSERT INTO "samples" VALUES(1,1,'m1','If you get a call from "the bank" ring the number on your card - they sound so real',NULL,0);
INSERT INTO "samples" VALUES(1,2,'m2','wrong number hope you find them.',NULL,0);
INSERT INTO "samples" VALUES(1,3,'m3','So far for Tuesday its me Wendy Nadia and possibly Imran whos got the tent? Need numbers by Saturday.',NULL,0);
INSERT INTO "samples" VALUES(1,4,'m4','Cheap tickets from $19!! All dates, secure yours http://link.example/B6T',NULL,1);
INSERT INTO "samples" VALUES(1,5,'m5','hang in there, i''m up if you need me.',NULL,0);
INSERT INTO "samples" VALUES(1,6,'m6','tried on the blue dress this morning, too small.. unrelated but minutes from last time are on the board, any changes by sunday',NULL,0);
INSERT INTO "samples" VALUES(1,7,'m7','Your table for 6 at Bistro Fernhallow is confirmed for Thursday at 6:00pm. We hold tables 15 minutes.',NULL,0);
INSERT INTO "samples" VALUES(1,8,'m8','Last chance 2 claim 4 charges on ur old loan. Average payout $2,954. Reply CLAIM or STOP to opt out',NULL,1);
INSERT INTO "samples" VALUES(1,9,'m9','What happened this morning? Orla says ask you.',NULL,0);
INSERT INTO "samples" VALUES(1,10,'m10','Oxmere Credit Union: did you just try to pay £995.71 at Tinderby Home? Reply Y if it was you or N to block the card. We''ll never ask for your PIN.',NULL,0);
INSERT INTO "samples" VALUES(1,11,'m11','Committee meeting is Sunday at 7 usual place.',NULL,0);
INSERT INTO "samples" VALUES(1,12,'m12','how long do i leave the dough 4? grandad isnt picking up',NULL,0);
INSERT INTO "samples" VALUES(1,13,'m13','Hillcombe Library: an item you reserved is here. Renew at t.example/9111',NULL,0);
INSERT INTO "samples" VALUES(1,14,'m14','Great night this mornin, my head regrets it 😂',NULL,0);
INSERT INTO "samples" VALUES(1,15,'m15','My step count says I''m dead 🙈',NULL,0);
INSERT INTO "samples" VALUES(1,16,'m16','Vandermole: left at 12:20 to reception. Ref DW4372.',NULL,0);
INSERT INTO "samples" VALUES(1,17,'m17','Flood alert for Marshgate: expect water on low roads until 10:40. Avoid the bridge.',NULL,0);
INSERT INTO "samples" VALUES(1,18,'m18','You''re kidding',NULL,0);
INSERT INTO "samples" VALUES(1,19,'m19','Delivery failed. Driver Rosa could not find your address. Rebook at my-parcel.test',NULL,1);
INSERT INTO "samples" VALUES(1,20,'m20','Need a ride later? Leaving at 7:45',NULL,0);
INSERT INTO "samples" VALUES(1,21,'m21','yo, the doctor said come back if it''s worse, so that''s that',NULL,0);
INSERT INTO "samples" VALUES(1,22,'m22','Easy online job, £60-£700 a day, paid daily. Message 07700 900585',NULL,1);
INSERT INTO "samples" VALUES(1,23,'m23','gr8 night this afternoon, my stomach hurts, worth it! Oh also need a lift tomorrow night? Jess is coming too',NULL,0);
INSERT INTO "samples" VALUES(1,24,'m24','Hello stranger, failed hitsory by two marks so bummed',NULL,0);
INSERT INTO "samples" VALUES(1,25,'m25','Morning raised £201 on cakes.. new shed here we come text me.',NULL,0);
INSERT INTO "samples" VALUES(1,26,'m26','Dont you dare eat my lasagna',NULL,0);
INSERT INTO "samples" VALUES(1,27,'m27','Una! Next door have a trampoline again, hahaha',NULL,0);
INSERT INTO "samples" VALUES(1,28,'m28','The High Street pharmacy: one item is on order, we''ll text again.',NULL,0);
INSERT INTO "samples" VALUES(1,29,'m29','Sorry for the other day - shouldnt have been out of order',NULL,0);
INSERT INTO "samples" VALUES(1,30,'m30','how do you mute the group? tried everything',NULL,0);
INSERT INTO "samples" VALUES(1,31,'m31','they had no cereal so i got chicken itll hav 2 do.',NULL,0);
INSERT INTO "samples" VALUES(1,32,'m32','Yeah why not',NULL,0);
INSERT INTO "samples" VALUES(1,33,'m33','WARNING: penalty notice ZE6679. Pay now http://deals.example.org/?id=2261 or call 020 7946 0100',NULL,1);
INSERT INTO "samples" VALUES(1,34,'m34','You looked so happy at the weekend, hope you''re ok.',NULL,0);
INSERT INTO "samples" VALUES(1,35,'m35','CARA, RATE YOUR LAST VISIT TO QUAYLETHRUSH AND WE''LL SEND A $90 GIFT CARD. ONLY 8 LEFT TODAY REWARDS.EXAMPLE.NET',NULL,1);
INSERT INTO "samples" VALUES(1,36,'m36','Have you got the green jumper for Wednesday? Otis party',NULL,0);
INSERT INTO "samples" VALUES(1,37,'m37','The beans are huge, slugs got the rest',NULL,0);
INSERT INTO "samples" VALUES(1,38,'m38','Fine - Thursday then',NULL,0);
INSERT INTO "samples" VALUES(1,39,'m39','The beach is next to a building site, asked to move',NULL,0);
INSERT INTO "samples" VALUES(1,40,'m40','The puppy just stole my pancakes, king behavior. Xxx',NULL,0);
INSERT INTO "samples" VALUES(1,41,'m41','That was your daughter typing',NULL,0);
INSERT INTO "samples" VALUES(1,42,'m42','Wendy asked me out said yes obviously.',NULL,0);
INSERT INTO "samples" VALUES(1,43,'m43','Had the best kebabs ever at that van by the market, we hav to go',NULL,0);
INSERT INTO "samples" VALUES(1,44,'m44','mate whose turn is it to clean the bathroom? i did friday',NULL,0);
INSERT INTO "samples" VALUES(1,45,'m45','Viewing a place by the coffee place, smells of cabbage',NULL,0);
INSERT INTO "samples" VALUES(1,46,'m46','wot are u wearing Friday? Need 2 borrow a hat',NULL,0);
INSERT INTO "samples" VALUES(1,47,'m47','Northfold Foodbank: we''re short of bin bags. Isla',NULL,0);
INSERT INTO "samples" VALUES(1,48,'m48','Lose 10 pounds in 8 weeks with this patch! Buy 1 get 2 free, http://update-now.example just pay postage',NULL,1);
INSERT INTO "samples" VALUES(1,49,'m49','Sure tips 4 Sunday, 7 out of 8 won last week. Join our VIP group first one free',NULL,1);
INSERT INTO "samples" VALUES(1,50,'m50','had a really nice time yesterday, we should make it a habit',NULL,0);
INSERT INTO "samples" VALUES(1,51,'m51','look what i just got: "claim your free prize today" is that you.',NULL,0);
INSERT INTO "samples" VALUES(1,52,'m52','The client lost the clent call by quarter past 1',NULL,0);
INSERT INTO "samples" VALUES(1,53,'m53','Greenhatchet: your order has arrived in store. Bring this text and ID. Order H6078',NULL,0);
INSERT INTO "samples" VALUES(1,54,'m54','Whose turn is it 2 clean the bathroom? I did Wednesday',NULL,0);
INSERT INTO "samples" VALUES(1,55,'m55','Did a class last week, new record! Btw just opened the book from you, so thoughtful',NULL,0);
INSERT INTO "samples" VALUES(1,56,'m56','what can i make with garlic, chicken n half a cabbage? asking 4 a friend',NULL,0);
INSERT INTO "samples" VALUES(1,57,'m57','Did u claim ur expenses? Easy',NULL,0);
INSERT INTO "samples" VALUES(1,58,'m58','hi love, birthday drinks for kemi tomorow night, the market at 8:45. unrelated but just walked into a glass door help',NULL,0);
INSERT INTO "samples" VALUES(1,59,'m59','Greenhatchet: no bananas today, sorry. You won''t be charged.',NULL,0);
INSERT INTO "samples" VALUES(1,60,'m60','Hey it''s Isla from the chat line, I''m free tonight. Call me on 0909 879 0174 calls cost £2/min ask bill payer',NULL,1);
INSERT INTO "samples" VALUES(1,61,'m61','Brindlebox: we''ve refunded £50.80 to your card. Sorry it didn''t fit.',NULL,0);
INSERT INTO "samples" VALUES(1,62,'m62','man about the roof is coming around 1:30, hide the cat',NULL,0);
INSERT INTO "samples" VALUES(1,63,'m63','your son wont wear shoes lol',NULL,0);
INSERT INTO "samples" VALUES(1,64,'m64','Look at the moon tonight, orange',NULL,0);
INSERT INTO "samples" VALUES(1,65,'m65','Didnt mean to ignoer you - been one of those days',NULL,0);
INSERT INTO "samples" VALUES(1,66,'m66','Refill reminder: your diet tablets are 70% off and no prescription is needed. Order https://rewards.example.net free shipping',NULL,1);
INSERT INTO "samples" VALUES(1,67,'m67','Flood alert for Hillcombe: expect water on low roads until 12:20 Tuesday. Move valuables upstairs.',NULL,0);
INSERT INTO "samples" VALUES(1,68,'m68','Fernhallow Chemist: we''re out of stock of one item, ready Thursday. Call 555-0105.',NULL,0);
INSERT INTO "samples" VALUES(1,69,'m69','What can I make with galric lentils and half a tin of beans? Serious question hope youre ok x',NULL,0);
INSERT INTO "samples" VALUES(1,70,'m70','Hey you - $4.60 for toilet paper! I put it back',NULL,0);
INSERT INTO "samples" VALUES(1,71,'m71','Hey mate fell asleep in the cab, have you got my spare key.',NULL,0);
INSERT INTO "samples" VALUES(1,72,'m72','Work sent a fake phishing email and half of us clicked the link, so embarrassing',NULL,0);
INSERT INTO "samples" VALUES(1,73,'m73','Hi boss, using a friend''s phone, can you pick me up',NULL,0);
INSERT INTO "samples" VALUES(1,74,'m74','Hi love - think you meant someone else - had this phone for years',NULL,0);
INSERT INTO "samples" VALUES(1,75,'m75','Hey it''s Lena from the late line, I''m bored tonight. Call me on 0909 879 0335 £1.50 per min',NULL,1);
INSERT INTO "samples" VALUES(1,76,'m76','is it silly to wear a suit for the photo? all i''ve got. one more thing, listen 2 the new album, on repeat',NULL,0);
INSERT INTO "samples" VALUES(1,77,'m77','Can''t stop smiling x',NULL,0);
INSERT INTO "samples" VALUES(1,78,'m78','My horoscope says I''m dead fair',NULL,0);
INSERT INTO "samples" VALUES(1,79,'m79','Booking WE6513 confirmed: 2 seats, row K, 5 September 16:05.',NULL,0);
INSERT INTO "samples" VALUES(1,80,'m80','Pocket dial sorry',NULL,0);
INSERT INTO "samples" VALUES(1,81,'m81','I can pick you up from the library, don''t forget the lunchbox',NULL,0);
INSERT INTO "samples" VALUES(1,82,'m82','Final notice: you owe unpaid tax. Pay now https://rewards.example.net',NULL,1);
INSERT INTO "samples" VALUES(1,83,'m83','Home safe, thanks for the ride',NULL,0);
INSERT INTO "samples" VALUES(1,84,'m84','Sorry wrong chat.',NULL,0);
INSERT INTO "samples" VALUES(1,85,'m85','second prize in the photo competition! our dani is thrilled',NULL,0);
INSERT INTO "samples" VALUES(1,86,'m86','So that neighbor blanked me, hehe',NULL,0);
INSERT INTO "samples" VALUES(1,87,'m87','Phone bills gone up £19 shall we switch.',NULL,0);
INSERT INTO "samples" VALUES(1,88,'m88','Pockettmart rota: you''re on Tuesday, late. Break at 7. - Una',NULL,0);
INSERT INTO "samples" VALUES(1,89,'m89','the doctor said rest it for a week so thats that',NULL,0);
INSERT INTO "samples" VALUES(1,90,'m90','Feel 20 again! Our natural drops fix your knees or your money back. fast-cash.test today only 20% off',NULL,1);
INSERT INTO "samples" VALUES(1,91,'m91','What time is it Monday? Josh is DJing. 👍',NULL,0);
INSERT INTO "samples" VALUES(1,92,'m92','Cinema this weekend? Hlf price on Sunday',NULL,0);
INSERT INTO "samples" VALUES(1,93,'m93','Embergill Energy: please send a meter reading by 6 June. www.example.org/TC888',NULL,0);
INSERT INTO "samples" VALUES(1,94,'m94','ur mom went viral on the allotment this mornin, dont ask.',NULL,0);
INSERT INTO "samples" VALUES(1,95,'m95','Send this to all your contacts and a blessing comes tomorrow night, don''t break the chain.',NULL,1);
INSERT INTO "samples" VALUES(1,96,'m96','Jess, are you ok? You looked stresed yesterday here if you want to talk',NULL,0);
INSERT INTO "samples" VALUES(1,97,'m97','Free to a good home: my sofa, anyone?',NULL,0);
INSERT INTO "samples" VALUES(1,98,'m98','Your library books are due back Thursday. Fines are now 10p a day.',NULL,0);
INSERT INTO "samples" VALUES(1,99,'m99','no.',NULL,0);
INSERT INTO "samples" VALUES(1,100,'m100','Dear one.. I had a vision of you.. geat wealth is coming.. reply before the full moon.',NULL,1);
INSERT INTO "samples" VALUES(1,101,'m101','Where did you leave the car? Been round twice. X',NULL,0);
INSERT INTO "samples" VALUES(1,102,'m102','Sorry meant to send that to Dani',NULL,0);
INSERT INTO "samples" VALUES(1,103,'m103','Can I see your maths notes? I was at the dentist 😊',NULL,0);
INSERT INTO "samples" VALUES(1,104,'m104','Can we please stick to one chat? It''s pancakes or mine. Gio you choose. Btw what do you think of the name Mabel? For the puppy, be nice',NULL,0);
INSERT INTO "samples" VALUES(1,105,'m105','hey mate fry the onions, add the beans, a bit of chili and leave it 25 min. can''t go wrong',NULL,0);
INSERT INTO "samples" VALUES(1,106,'m106','you are eligible for a fuel rebate of £827.05 for the year. submit the form with your card details at https://account-help.example',NULL,1);
INSERT INTO "samples" VALUES(1,107,'m107','line is out the door could you save a seat x',NULL,0);
INSERT INTO "samples" VALUES(1,108,'m108','Not being funny but ramen is overrated you know Im right',NULL,0);
INSERT INTO "samples" VALUES(1,109,'m109','did you watch the match? robbed.',NULL,0);
INSERT INTO "samples" VALUES(1,110,'m110','Do not tell Hattie',NULL,0);
INSERT INTO "samples" VALUES(1,111,'m111','Theres an owl by the bins been there an hour',NULL,0);
INSERT INTO "samples" VALUES(1,112,'m112','Hello stranger fell asleep in the cab never again x',NULL,0);
INSERT INTO "samples" VALUES(1,113,'m113','had the best burgers ever at that van near the river we have to go',NULL,0);
INSERT INTO "samples" VALUES(1,114,'m114','Really sorry but can we move Sunday? No money til payday',NULL,0);
INSERT INTO "samples" VALUES(1,115,'m115','Ok everyone, Wednesday: meet at the coffee place 6pm, bring cash for the boat, back by 6:15. Last one there buys a coffee',NULL,0);
INSERT INTO "samples" VALUES(1,116,'m116','Marcus, rate your last visit to Tumblewick Toys and we''ll send a £10 gift card. Only 9 left today https://vip.example',NULL,1);
INSERT INTO "samples" VALUES(1,117,'m117','Hey mate, park behind the church, it''s free on Friday, then walk down the lane and I''ll meet you there.',NULL,0);
INSERT INTO "samples" VALUES(1,118,'m118','Thank u 4 the bday wishes, had a lovely day',NULL,0);
INSERT INTO "samples" VALUES(1,119,'m119','Nadia thought penguins can fly 😂😂 btw I miss school... 😩',NULL,0);
INSERT INTO "samples" VALUES(1,120,'m120','Got another texts? About my account being locked, don''t fall for it',NULL,0);
INSERT INTO "samples" VALUES(1,121,'m121','CAR HAS A PUNCTURE, CAN U JUMP IT. ANYWAY, WE''RE OUT OF ONIONS ALREADY. CAN U GET SOME',NULL,0);
INSERT INTO "samples" VALUES(1,122,'m122','This isnt Zoe Im the sitter.',NULL,0);
INSERT INTO "samples" VALUES(1,123,'m123','Free upgrade: as a Yonderphone customer you get a camera phone free. Ring 0808 157 0187 ref E94',NULL,1);
INSERT INTO "samples" VALUES(1,124,'m124','Got the book from you, love it. Love you.',NULL,0);
INSERT INTO "samples" VALUES(1,125,'m125','Thanks for shopping with Bootle & Fern. Your receipt: https://link.example/PH5E',NULL,0);
INSERT INTO "samples" VALUES(1,126,'m126','We lost 3-1 on penalties, ref was blind',NULL,0);
INSERT INTO "samples" VALUES(1,127,'m127','The beach is shut.. still.. suns out.',NULL,0);
INSERT INTO "samples" VALUES(1,128,'m128','yes!',NULL,0);
INSERT INTO "samples" VALUES(1,129,'m129','sleep well x',NULL,0);
INSERT INTO "samples" VALUES(1,130,'m130','hiya.. my step count sys avoid callum fair! oh and next door have a trampoline again 🤣',NULL,0);
INSERT INTO "samples" VALUES(1,131,'m131','bin day is tomorrow they missed ours again',NULL,0);
INSERT INTO "samples" VALUES(1,132,'m132','Flood victims need you now!! Text GIVE to 07700 900970 to donate £1 today, or pay by gift card at vip.example',NULL,1);
INSERT INTO "samples" VALUES(1,133,'m133','Film in a bit? I''ll get popcorn',NULL,0);
INSERT INTO "samples" VALUES(1,134,'m134','Shall I get ramen on the way home?',NULL,0);
INSERT INTO "samples" VALUES(1,135,'m135','it''s priya next door, could you move the car 😊',NULL,0);
INSERT INTO "samples" VALUES(1,136,'m136','Hey you, can I call you tomorrow night? Nothing bad',NULL,0);
INSERT INTO "samples" VALUES(1,137,'m137','30 free spins just for you at BetStoat! Play now deals.example.org/KA253 18+',NULL,1);
INSERT INTO "samples" VALUES(1,138,'m138','"urgent: ur account is suspended.. verify now" sure',NULL,0);
INSERT INTO "samples" VALUES(1,139,'m139','Mossgarth Plants schedule: you''re covering Ella Monday. Reply OK.',NULL,0);
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
INSERT INTO "streams" VALUES(1,'messages','Messages','text','["ham", "spam"]',140,140,'sample messages','c3782fd5ec51b1339e7c8ad07578f8c5752305859a00e9b7177372306b9ff020',1795367200981,1,'{}');
CREATE UNIQUE INDEX ix_jobs_running ON jobs (scope) WHERE state = 'running';
CREATE INDEX ix_jobs_scope ON jobs (scope, started_at);
CREATE INDEX ix_events_mark ON events (experiment_id, position, seq) WHERE kind = 'mark';
CREATE INDEX ix_events_target ON events (experiment_id, target) WHERE target IS NOT NULL;
CREATE INDEX ix_predictions_open ON predictions (experiment_id, position) WHERE voided = 0 AND reason != '' AND answered IS NULL;
CREATE INDEX ix_predictions_asked ON predictions (experiment_id, position) WHERE voided = 0 AND reason != '';
CREATE INDEX ix_predictions_labeled ON predictions (experiment_id, answered) WHERE voided = 0 AND label IS NOT NULL;
COMMIT;
